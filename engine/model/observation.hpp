#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/manifest/value.hpp"
#include "engine/model/address.hpp"
#include "engine/model/declaration.hpp"

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

/// Why a change cannot be made: "a symbolic link is in the way; move it away by hand".
struct Obstacle {
  std::string text;
  /// It is none when the same plan makes all of these on the same host before: the user that is to own a
  /// file.
  std::vector<ResourceKey> until;
};

/// A file, or a folder of which nothing is ever written in place, that a change overwrites or deletes. The
/// host keeps it before.
struct BeforeImage {
  std::string path;
  std::uint64_t size = 0;
};

/// Something that runs now, and what a change means to it.
struct Disturbance {
  enum class Kind : std::uint8_t { service, process, job, other };
  Kind kind = Kind::other;
  std::string name;    ///< "nginx", "process 4711 (python3)", "job 17"; empty for other
  std::string effect;  ///< "restarted", "keeps the old content until it ends"

  bool operator==(const Disturbance&) const = default;
};

/// What a probe found out about one resource.
struct Finding {
  Observation observation;
  /// SHA-256 over everything in the answer that a change of this resource relies on; equal digests, nothing
  /// moved.
  std::string fingerprint;
  /// Should a change be needed.
  std::optional<Obstacle> obstacle;
  /// What the provider would like to be told at the next probe, kept in the ledger: one line, without
  /// secrets.
  std::string memory;
  /// What a change would do to attributes, as text: a unified diff of a file. Empty where there is nothing to
  /// show.
  std::string text_diff;
  /// Bytes that would go over the network if the change is made.
  std::uint64_t bytes_to_send = 0;
  /// What the change would overwrite or delete, beside attributes.
  std::vector<BeforeImage> before_images;
  /// What the change would disturb.
  std::vector<Disturbance> disturbs;
  /// What the provider's steps need of what was seen: the text of a file that is to be edited. It stays in
  /// memory.
  std::shared_ptr<const Payload> payload;
  /// What no rollback would bring back, for people: "its password". Empty when all comes back.
  std::string irreversible;
  /// Why a change is made only when its address is named on the command line: "clients are cut off". Empty
  /// where the plan as a whole is enough.
  std::string approval;
};

/// Something that exists on the host and nobody declared.
struct Extra {
  std::string kind;
  std::string name;
  Attributes attributes;
};

}  // namespace tidelock
