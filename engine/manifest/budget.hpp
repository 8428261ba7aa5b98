#pragma once

#include <cstddef>

#include "engine/manifest/node.hpp"

namespace tidelock {

/// More nodes than any real manifest has. A tree of that size still fits into some tens of megabytes.
inline constexpr std::size_t max_manifest_nodes = 400'000;

/// What one load may still build, so that a few lines of aliases, braces, variables or `extends` cannot fill
/// the memory. Whoever makes nodes asks first and stops when refused; the load then ends with one error.
class Budget {
 public:
  explicit Budget(std::size_t nodes = max_manifest_nodes) : left_(nodes) {}

  [[nodiscard]] bool spend(std::size_t nodes) {
    if (nodes > left_) exhausted_ = true;
    if (!exhausted_) left_ -= nodes;
    return !exhausted_;
  }
  [[nodiscard]] bool exhausted() const { return exhausted_; }

 private:
  std::size_t left_;
  bool exhausted_ = false;
};

/// The number of nodes of a tree, itself included.
[[nodiscard]] std::size_t weight(const Node& tree);

}  // namespace tidelock
