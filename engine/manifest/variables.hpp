#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/diagnostic.hpp"
#include "engine/manifest/budget.hpp"
#include "engine/manifest/node.hpp"
#include "engine/manifest/sources.hpp"

namespace tidelock {

/// The variables of a manifest, of all its files together; where cluster files extend each other, the nearest
/// wins.
class Variables {
 public:
  Variables(std::span<const Layer> layers, Budget& budget, Diagnostics& diagnostics);

  /// The same tree with every `${name}` in keys and scalars replaced, and every `$${` made `${`.
  [[nodiscard]] Node put_into(const Node& tree);

  /// Places that refer to variables which are wrong themselves: their text is worth nothing.
  [[nodiscard]] const std::vector<Location>& unusable() const { return unusable_; }

 private:
  enum class State : std::uint8_t { fresh, visiting, ready, broken };
  struct Variable {
    const Node* declared = nullptr;
    State state = State::fresh;
    Node::Scalar value;
  };
  using Text = std::optional<std::string>;

  void resolve(const std::string& name, Variable& variable);
  [[nodiscard]] std::optional<Node::Scalar> scalar(const Node::Scalar& written, const Location& at);
  [[nodiscard]] Text text(std::string_view written, const Location& at);
  [[nodiscard]] Text spliced(std::string_view name, const Location& at);
  [[nodiscard]] const Variable* lookup(std::string_view name, const Location& at);
  [[nodiscard]] Node map_with_variables(const Node& tree);
  [[nodiscard]] std::string circle(std::string_view name) const;

  Budget& budget_;
  Diagnostics& diagnostics_;
  std::map<std::string, Variable, std::less<>> variables_;
  std::vector<std::string> names_;
  std::vector<std::string> visiting_;
  std::vector<Location> unusable_;
  bool too_far_said_ = false;  ///< one long chain is too long at many places: once is enough
};

}  // namespace tidelock
