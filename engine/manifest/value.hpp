#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace tidelock {

/// Content that must not be shown. Equal secrets have equal digests; the digest itself is as good as a short
/// secret to whoever can guess, so it stays in memory: plans and ledgers never hold it.
struct Hidden {
  std::string sha256;
  bool operator==(const Hidden&) const = default;
};

/// The canonical form of an attribute: two values mean the same exactly when they are equal. What a manifest
/// says becomes canonical through the ValueType that its schema names; what a host says, through the
/// provider. monostate stands for "has none".
using Value = std::variant<std::monostate, bool, std::int64_t, std::string, std::vector<std::string>, Hidden>;

/// Attribute names and canonical values of one resource, in the order of the names.
class Attributes {
 public:
  using Entry = std::pair<std::string, Value>;

  Attributes() = default;
  Attributes(std::initializer_list<Entry> entries);

  void set(std::string_view name, Value value);
  void remove(std::string_view name);
  [[nodiscard]] const Value* find(std::string_view name) const;
  /// The text of a string attribute; empty where it is missing or no string.
  [[nodiscard]] std::string_view text(std::string_view name) const;

  [[nodiscard]] auto begin() const { return entries_.begin(); }
  [[nodiscard]] auto end() const { return entries_.end(); }
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  bool operator==(const Attributes&) const = default;

 private:
  std::vector<Entry> entries_;
};

}  // namespace tidelock
