#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "engine/base/source.hpp"

namespace tidelock::slurm {

/// Lines and columns of a file for offsets into its text.
class TextPlaces {
 public:
  explicit TextPlaces(std::shared_ptr<const SourceFile> file) : file_(std::move(file)) {
    for (std::size_t i = 0; i < file_->text.size(); ++i)
      if (file_->text[i] == '\n') begins_.push_back(i + 1);
  }

  [[nodiscard]] Location at(std::size_t offset) const {
    const auto line = std::ranges::upper_bound(begins_, offset) - begins_.begin();
    const auto column = offset - begins_[static_cast<std::size_t>(line) - 1] + 1;
    return {file_, static_cast<std::uint32_t>(line), static_cast<std::uint32_t>(column)};
  }

 private:
  std::shared_ptr<const SourceFile> file_;
  std::vector<std::size_t> begins_{0};
};

}  // namespace tidelock::slurm
