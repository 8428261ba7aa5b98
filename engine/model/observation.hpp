#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/manifest/value.hpp"
#include "engine/model/address.hpp"

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
  /// It is none when the same plan makes this on the same host before: the user that is to own a file.
  std::optional<ResourceKey> until;
};

/// A regular file that a change overwrites or deletes, and of which the host keeps a copy before.
struct BeforeImage {
  std::string path;
  std::uint64_t size = 0;
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
  std::optional<BeforeImage> before_image;
  /// What the change would disturb, for people: "restarts it", "3 processes have it open".
  std::string disturbs;
};

/// Something that exists on the host and nobody declared.
struct Extra {
  std::string kind;
  std::string name;
  Attributes attributes;
};

}  // namespace tidelock
