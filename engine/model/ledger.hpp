#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/manifest/manifest.hpp"
#include "engine/manifest/value.hpp"
#include "engine/model/address.hpp"
#include "engine/model/declaration.hpp"

namespace tidelock {

/// What was last applied for one resource of a host.
struct LedgerEntry {
  /// The declared attributes of the last apply that ended well; none while the first one is under way.
  /// Secrets are stored as text "hmac-sha256:…", keyed with the ledger's key.
  std::optional<Attributes> applied;
  /// What an apply set out to make and did not report done: written before its first step, gone after its
  /// last.
  std::optional<Attributes> intended;
  bool created = false;  ///< we made it; otherwise it was there and we only changed or adopted it
  bool protect = false;
  std::string memory;  ///< Finding::memory
  std::string run;     ///< the apply that wrote this entry
  /// What it stood on beside its path, for the day on which nobody declares it any more. GCC warns of lists
  /// without it unless it has an initializer.
  std::vector<ResourceKey> needs = {};  // NOLINT(readability-redundant-member-init)

  bool operator==(const LedgerEntry&) const = default;
};

/// How quickly uploads to a host went: what was to be sent, and how long that took.
struct TransferMemory {
  std::uint64_t bytes = 0;
  std::uint64_t milliseconds = 0;

  bool operator==(const TransferMemory&) const = default;
  /// Bytes a second; none where nothing of a size that tells was sent yet.
  [[nodiscard]] std::optional<double> rate() const;
  /// With a newer experience, which counts for more than all before.
  [[nodiscard]] TransferMemory with(const TransferMemory& newer) const;
};

/// What Tidelock knows of one host, kept on that host in /var/lib/tidelock/ledger (0600, root), replaced by
/// rename. JSON lines: a head, one line an entry, a last line with the digest of all before it.
struct Ledger {
  std::string cluster;
  std::string node_type;   ///< of the host, when it was last applied to
  std::string secret_key;  ///< for comparing secrets without keeping them
  std::map<ResourceKey, LedgerEntry> entries;
  TransferMemory transfers = {};  // NOLINT(readability-redundant-member-init): GCC warns of lists without it

  [[nodiscard]] const LedgerEntry* find(std::string_view kind, std::string_view name) const;
  /// Attributes in the form in which entries hold them.
  [[nodiscard]] Attributes stored(const Attributes& attributes) const;
};

struct NoLedger {};  ///< the host was never applied to
struct BrokenLedger {
  std::string reason;
};
struct LostLedger {};  ///< our folder is there and the ledger is not

using LedgerState = std::variant<NoLedger, Ledger, BrokenLedger, LostLedger>;

[[nodiscard]] std::string format_ledger(const Ledger& ledger);
/// A ledger, or BrokenLedger: cut short, changed by hand, or written by a program that is too new.
[[nodiscard]] LedgerState parse_ledger(std::string_view text);
/// The entries to believe: none of a broken or lost ledger.
[[nodiscard]] const Ledger* readable(const LedgerState& state);
/// The ledger with these new names; entries that have their new name already stay.
[[nodiscard]] Ledger renamed(Ledger ledger, const std::vector<Renaming>& moved);
/// A ledger with no entries and a key of its own.
[[nodiscard]] Ledger fresh_ledger(std::string cluster);

}  // namespace tidelock
