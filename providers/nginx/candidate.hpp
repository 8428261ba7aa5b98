#pragma once

#include <expected>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/observation.hpp"
#include "providers/nginx/configuration/tree.hpp"
#include "providers/nginx/site.hpp"
#include "providers/nginx/wish.hpp"

namespace tidelock::nginx {

/// A file that comes, changes or goes.
struct FileChange {
  std::string path;  ///< links followed
  std::optional<std::string> before, after;
};

/// The configuration as it will be: what was seen, with wishes fulfilled one after the other.
class Candidate {
 public:
  /// Refers to both.
  Candidate(const Site& site, const Tree& seen);

  /// What keeps a wish from being fulfilled; nothing is changed then.
  [[nodiscard]] std::optional<Obstacle> put(const Wish& wish);
  /// By its name alone. What is not ours stays.
  void remove(const Wish& wish);
  /// Include lines stand where our locations need them, and nowhere else. After all wishes.
  void settle();

  [[nodiscard]] const Files& files() const { return files_; }
  /// In the order in which they can be made, so that no file names another that is not there.
  [[nodiscard]] std::vector<FileChange> changes() const;

 private:
  [[nodiscard]] std::optional<Obstacle> put_location(const Wish& wish);
  [[nodiscard]] std::expected<std::vector<std::string>, std::string> shared_lines(const Wish& wish) const;
  [[nodiscard]] std::optional<Obstacle> take_out(const Wish& wish);
  [[nodiscard]] std::optional<Obstacle> give_back(const Wish& wish);
  void put_block(const std::string& path, std::string_view head, const std::string& block);
  void remove_block(const std::string& path, std::string_view head);
  void include(const Wish& wish);
  void exclude_elsewhere(const Wish& wish);
  void exclude(std::string_view server, std::string_view but);
  void write(const std::string& path, const std::string& text);
  [[nodiscard]] const std::string* find(std::string_view path) const;

  const Site& site_;
  const Tree& seen_;  ///< what the site's files are together
  Files files_;
  std::map<std::string, std::vector<Wish>> placed_;  ///< by server, its locations that were wished for
  std::set<std::string> touched_;                    ///< servers whose locations changed
};

/// The server block of a file that is meant; a sentence where there is none, or more than one.
[[nodiscard]] std::expected<const Directive*, std::string> find_server(const Text& text,
                                                                       std::string_view file,
                                                                       const ServerMatch& match);

/// A block by its head: "location = /x", "upstream name"; null where there is none.
[[nodiscard]] const Directive* find_block(const std::vector<Directive>& directives, std::string_view head);

/// The include line of a file among these; null where there is none.
[[nodiscard]] const Directive* find_include(const std::vector<Directive>& directives, std::string_view path);

/// What our location says before its own directives: what it shares with `like`, or what its server says and
/// nginx would forget. The tree is of these files. A sentence where that cannot be told.
[[nodiscard]] std::expected<std::vector<std::string>, std::string> shared_with(const Tree& tree,
                                                                               const Site& site,
                                                                               const Files& files,
                                                                               const Wish& wish);

/// Of a tree, the block that is this one of a file.
[[nodiscard]] const Item* item_of(const Tree& tree, const Site& site, std::string_view file,
                                  const ServerMatch& match);

}  // namespace tidelock::nginx
