#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "providers/nginx/configuration/text.hpp"

namespace tidelock::nginx {

/// The files of a configuration, by path.
using Files = std::map<std::string, std::string, std::less<>>;

/// A directive where it stands, with what it includes in its place.
struct Item {
  const Directive* directive = nullptr;
  std::string_view file;
  std::vector<Item> children;

  [[nodiscard]] std::string_view name() const { return directive->name(); }
  /// "/etc/nginx/nginx.conf:12".
  [[nodiscard]] std::string place() const;
};

/// A whole configuration, as nginx reads it from its main file.
class Tree {
 public:
  Tree(const Files& files, std::string_view main);

  [[nodiscard]] const std::vector<Item>& items() const { return items_; }
  /// What keeps it from being known as a whole, with its place: a file that is missing or that nginx would
  /// not read. Empty where all is known.
  [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }
  [[nodiscard]] bool includes(std::string_view file) const { return texts_.contains(file); }
  /// The include patterns with wildcards in it, and where each stands.
  [[nodiscard]] const std::map<std::string, std::string>& patterns() const { return patterns_; }
  /// Null for a file that is not part of it, or cannot be read.
  [[nodiscard]] const Text* text(std::string_view file) const;

 private:
  void read(std::string_view file, std::vector<Item>& items, std::size_t depth);
  void add(const std::vector<Directive>& directives, std::string_view file, std::vector<Item>& items,
           std::size_t depth);
  void include(const Directive& directive, std::string_view file, std::vector<Item>& items,
               std::size_t depth);

  const Files& files_;
  std::string folder_;
  std::map<std::string, std::unique_ptr<Text>, std::less<>> texts_;
  std::vector<Item> items_;
  std::vector<std::string> problems_;
  std::map<std::string, std::string> patterns_;
  std::size_t count_ = 0;
};

/// As glob(3): `*` and `?` match neither `/` nor a leading dot.
[[nodiscard]] bool include_matches(const std::string& pattern, const std::string& path);

/// Every `http { server { … } }`, in order.
[[nodiscard]] std::vector<const Item*> servers_of(const Tree& tree);
/// Every `http { upstream NAME { … } }` of that name.
[[nodiscard]] std::vector<const Item*> upstreams_of(const Tree& tree, std::string_view name);

}  // namespace tidelock::nginx
