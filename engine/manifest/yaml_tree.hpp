#pragma once

#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include "engine/base/diagnostic.hpp"
#include "engine/manifest/budget.hpp"
#include "engine/manifest/node.hpp"

namespace tidelock {

/// Thrown through yaml-cpp to end the reading; the reason is in the diagnostics already.
struct ReadingStopped : std::exception {};

/// Builds a tree from yaml-cpp's events. Only yaml.cpp may know it: yaml-cpp ends there.
class YamlTree : public YAML::EventHandler {
 public:
  YamlTree(std::shared_ptr<const SourceFile> source, Budget& budget, Diagnostics& diagnostics)
      : source_(std::move(source)), budget_(budget), diagnostics_(diagnostics) {}

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override { close(); }

  [[nodiscard]] Node root() const;
  /// The innermost `[` or `{` that is not closed yet.
  [[nodiscard]] std::optional<Location> open_bracket() const;
  /// Where the text of the last scalar (with its tag and anchor) begins.
  [[nodiscard]] std::size_t last_scalar() const { return last_scalar_; }
  [[nodiscard]] Location at(const YAML::Mark& mark) const;

 private:
  struct Key {
    std::string text;
    Location at;
    bool usable = true;  ///< the entry is left out otherwise, because its key is wrong
  };
  struct Shape {
    bool is_map = false;
    bool bracketed = false;  ///< written with [ or {
  };
  /// A list or map whose end was not seen yet.
  struct Frame {
    Frame(Location where, YAML::anchor_t id, Shape how) : at(std::move(where)), anchor(id), shape(how) {}

    Location at;
    YAML::anchor_t anchor;
    Shape shape;
    Node::Sequence items;
    Node::Map entries;
    std::optional<Key> key;  ///< of a map: waits for its value
    std::unordered_map<std::string, Location> keys;
  };

  void open(const Location& at, const std::string& tag, YAML::anchor_t anchor, Shape shape);
  void close();
  void put(Node node, YAML::anchor_t anchor);
  [[nodiscard]] Key key_from(const Node& node);
  void put_value(Frame& frame, Node node);
  [[nodiscard]] Location null_place(const YAML::Mark& mark) const;
  [[nodiscard]] std::optional<SecretOrigin> secret_origin(const Location& at, const std::string& tag,
                                                          const std::string& value);
  void spend(std::size_t nodes) const;

  std::shared_ptr<const SourceFile> source_;
  Budget& budget_;
  Diagnostics& diagnostics_;
  std::vector<Frame> frames_;
  std::map<YAML::anchor_t, Node> anchors_;
  std::optional<Node> root_;
  std::size_t documents_ = 0;
  std::size_t last_scalar_ = 0;
};

}  // namespace tidelock
