#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/model/provider.hpp"
#include "providers/nginx/candidate.hpp"
#include "providers/nginx/site.hpp"
#include "providers/nginx/wish.hpp"

namespace tidelock::nginx {

/// What the answers of a host say about upstreams, servers and locations.
class Reader {
 public:
  /// `declared`: everything that the host is to have.
  Reader(std::span<const Subject> subjects, std::shared_ptr<const Site> site,
         std::span<const DeclarationPtr> declared);

  [[nodiscard]] Finding finding(const Subject& subject) const;
  [[nodiscard]] std::vector<std::string> remarks() const;

 private:
  /// A wish, and what keeps it from being fulfilled.
  struct Planned {
    Wish wish;
    std::optional<Obstacle> obstacle;
    bool lost;  ///< to another location
  };
  /// What is there of a wish now.
  struct Living {
    const Directive* block = nullptr;
    std::string file;  ///< that has it
    std::unique_ptr<Text> text;
  };

  void plan(std::span<const Subject> subjects);
  void prove();
  void prove(Planned& planned, const Tree& tree);
  [[nodiscard]] std::optional<std::string> find_reason() const;
  [[nodiscard]] Living living(const Wish& wish) const;
  [[nodiscard]] Living block_in(const std::string& file, const std::string& head) const;
  [[nodiscard]] Attributes attributes(const Declaration& declaration, const Wish& wish,
                                      const Living& living) const;
  [[nodiscard]] static std::vector<std::string> own_statements(const Wish& wish, const Living& living);
  void place_attributes(Attributes& attributes, const Declaration& declaration, const Wish& wish,
                        const Living& living) const;
  void own_directives(Attributes& attributes, const Wish& wish, std::vector<std::string> directives) const;
  [[nodiscard]] Finding leaving(const Wish& wish) const;
  [[nodiscard]] std::optional<Obstacle> obstacle(const Declaration& declaration) const;
  [[nodiscard]] std::string fingerprint(const Wish& wish, const Living& living) const;
  [[nodiscard]] std::vector<BeforeImage> before_images(const Wish& wish) const;
  [[nodiscard]] std::vector<Disturbance> disturbances() const;
  [[nodiscard]] std::string text_diff(const Wish& wish) const;
  [[nodiscard]] bool shows_include(const Wish& wish) const;
  [[nodiscard]] bool owes_reload() const;
  [[nodiscard]] std::size_t count_connections() const;

  std::shared_ptr<const Site> site_;
  std::span<const DeclarationPtr> declared_;
  Tree tree_;  ///< of what is there
  Candidate candidate_;
  std::map<std::string, Planned, std::less<>> planned_;  ///< by the name of a location, or of what else
  std::optional<std::string> unanswered_;                ///< why nothing can be said
  std::size_t connections_ = 0;                          ///< of clients
  std::vector<std::string> remarks_;
};

}  // namespace tidelock::nginx
