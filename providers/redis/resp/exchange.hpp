#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "providers/redis/resp/reply.hpp"

namespace tidelock::redis {

/// Requests that go out together. Each has a label by which its reply is found.
class Requests {
 public:
  Requests& add(std::string label, std::span<const std::string> words);
  Requests& add(std::string label, std::initializer_list<std::string_view> words);

  /// As they go over the wire. They may hold a password.
  [[nodiscard]] const std::string& bytes() const { return bytes_; }
  [[nodiscard]] const std::vector<std::string>& labels() const { return labels_; }

 private:
  std::string bytes_;
  std::vector<std::string> labels_;
};

/// The replies to requests, by label.
class Answers {
 public:
  Answers() = default;
  Answers(const Requests& requests, std::string_view bytes);

  /// Null where none came.
  [[nodiscard]] const Reply* find(std::string_view label) const;
  /// Every request has its reply.
  [[nodiscard]] bool complete() const { return replies_.all.size() == asked_; }

 private:
  std::map<std::string, std::size_t, std::less<>> places_;
  std::size_t asked_ = 0;
  Replies replies_;
};

}  // namespace tidelock::redis
