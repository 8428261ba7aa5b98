#pragma once

#include <string>
#include <string_view>

#include "engine/base/diagnostic.hpp"
#include "engine/base/result.hpp"
#include "engine/command/options.hpp"
#include "engine/report/progress.hpp"
#include "engine/report/style.hpp"

namespace tidelock {

/// Where answers and conversation go: answers to stdout, everything else to stderr, each dressed for where it
/// ends.
class Console {
 public:
  explicit Console(const Options& options);

  /// To stdout.
  void answer(std::string_view text) const;
  /// To stderr.
  void say(std::string_view text) const;
  void show(const Diagnostics& diagnostics) const;
  void show(const Error& error) const;
  /// Asks a question that only the whole word "yes" agrees to. False at once where stdin is no terminal.
  [[nodiscard]] bool approve(std::string_view question) const;
  [[nodiscard]] static bool can_ask();

  [[nodiscard]] const Style& answer_style() const { return answer_style_; }
  [[nodiscard]] const Style& talk_style() const { return talk_style_; }
  [[nodiscard]] Progress::Kind progress_kind() const;

 private:
  Style answer_style_;
  Style talk_style_;
};

}  // namespace tidelock
