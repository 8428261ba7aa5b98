#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/source.hpp"

namespace tidelock {

/// Where a secret comes from; written as a YAML tag: !env NAME, !file PATH, !command TEXT.
enum class SecretOrigin : std::uint8_t { environment, file, command };

/// One value of the manifest's tree: what was written and where, with nothing decided about its type.
/// A tree is built once and never changed; merging makes new trees whose parts keep their places.
class Node {
 public:
  struct Scalar {
    std::string text;
    bool quoted = false;
    std::optional<SecretOrigin> secret;  ///< then `text` is the name, path or command, not the secret itself
    /// The file whose folder relative paths in `text` start from, where that is not the file of the node's
    /// place: a variable brought the beginning of the text from there.
    std::shared_ptr<const SourceFile> origin;
  };
  struct Entry;
  /// An empty value. Over something inherited it means that this is not wanted; a checked tree has none.
  struct Null {
    bool removes = false;  ///< it took something away already, in the merging of cluster files
  };
  using Sequence = std::vector<Node>;
  using Map = std::vector<Entry>;

  Node(Location at, Scalar scalar);
  Node(Location at, Sequence sequence);
  Node(Location at, Map map);
  Node(Location at, Null null);

  [[nodiscard]] const Location& at() const { return at_; }
  [[nodiscard]] bool is_null() const { return std::holds_alternative<Null>(content_); }
  [[nodiscard]] const Null* null() const { return std::get_if<Null>(&content_); }
  [[nodiscard]] const Scalar* scalar() const { return std::get_if<Scalar>(&content_); }
  [[nodiscard]] const Sequence* sequence() const { return std::get_if<Sequence>(&content_); }
  [[nodiscard]] const Map* map() const { return std::get_if<Map>(&content_); }

  /// The value of a key of a map; null pointer where this is no map or the key is missing.
  [[nodiscard]] const Node* find(std::string_view key) const;
  /// The entries of a map; none where this is no map.
  [[nodiscard]] std::span<const Entry> entries() const;
  /// The text of a scalar; empty where this is none.
  [[nodiscard]] std::string_view text() const;
  /// The texts of a sequence of scalars, or of one scalar alone.
  [[nodiscard]] std::vector<std::string> texts() const;

 private:
  Location at_;
  std::variant<Null, Scalar, Sequence, Map> content_;
};

struct Node::Entry {
  std::string key;
  Location key_at;
  Node value;
};

// Here, because a list of entries can be made and destroyed only once it is known what an entry is.
inline Node::Node(Location at, Scalar scalar) : at_(std::move(at)), content_(std::move(scalar)) {}
inline Node::Node(Location at, Sequence sequence) : at_(std::move(at)), content_(std::move(sequence)) {}
inline Node::Node(Location at, Map map) : at_(std::move(at)), content_(std::move(map)) {}
inline Node::Node(Location at, Null null) : at_(std::move(at)), content_(null) {}

}  // namespace tidelock
