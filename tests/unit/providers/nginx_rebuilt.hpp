#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "providers/nginx/configuration/text.hpp"

namespace tidelock::nginx {

/// A text put together again from what was understood of it, with checks that nothing but blanks and comments
/// lies between. Nothing where something does, or where parts overlap.
class Rebuilder {
 public:
  explicit Rebuilder(const Text& text) : text_(text) {}

  std::optional<std::string> rebuild() && {
    if (!add(text_.directives)) return std::nullopt;
    if (!add_trivia(text_.bytes.size())) return std::nullopt;
    return std::move(out_);
  }

 private:
  bool add(const std::vector<Directive>& directives) {
    for (const auto& directive : directives) {
      if (!add_trivia(directive.at.begin)) return false;
      for (const auto& word : directive.words)
        if (!add_trivia(word.at.begin) || !take(word.at.end)) return false;
      const auto stop = directive.body ? directive.body->begin - 1 : directive.at.end - 1;
      if (!add_trivia(stop) || !take(stop + 1)) return false;
      if (!directive.body) continue;
      if (directive.lua ? !take(directive.body->end) : !add(directive.children)) return false;
      if (!add_trivia(directive.body->end) || !take(directive.at.end)) return false;
    }
    return true;
  }

  bool take(std::size_t end) {
    if (end < out_.size() || end > text_.bytes.size()) return false;
    out_ += text_.bytes.substr(out_.size(), end - out_.size());
    return true;
  }

  bool add_trivia(std::size_t end) {
    bool comment = false;
    for (auto i = out_.size(); i < end && i < text_.bytes.size(); ++i) {
      const char c = text_.bytes[i];
      if (c == '#') comment = true;
      if (c == '\n') comment = false;
      if (!comment && std::string_view(" \t\r\n").find(c) == std::string_view::npos) return false;
    }
    return take(end);
  }

  const Text& text_;
  std::string out_;
};

}  // namespace tidelock::nginx
