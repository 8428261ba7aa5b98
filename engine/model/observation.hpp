#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/manifest/value.hpp"

namespace tidelock {

struct Absent {};

/// Could not look. Never the same as absent.
struct Unknown {
  std::string reason;  ///< constant text where possible, so that it folds over hosts
};

struct Present {
  Attributes attributes;  ///< canonical; may hold more than was declared
};

using Observation = std::variant<Absent, Unknown, Present>;

/// What a probe found out about one declared resource.
struct Finding {
  Observation observation;
  /// SHA-256 over everything in the answer that a change of this resource relies on; equal digests, nothing
  /// moved.
  std::string fingerprint;
  /// Why a change, should one be needed, cannot be made: "A symbolic link is in the way", with advice in the
  /// detail.
  std::optional<std::string> obstacle;
  /// What the provider would like to be told at the next probe, kept in the ledger: one line, without
  /// secrets.
  std::string memory;
  /// What a change would do to attributes, as text: a unified diff of a file. Empty where there is nothing to
  /// show.
  std::string text_diff;
  /// Bytes that would go over the network if the change is made.
  std::uint64_t bytes_to_send = 0;
};

/// Something that exists on the host and nobody declared.
struct Extra {
  std::string kind;
  std::string name;
  Attributes attributes;
};

}  // namespace tidelock
