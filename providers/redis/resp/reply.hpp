#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidelock::redis {

/// One reply of a Redis server, in the second version of its protocol.
struct Reply {
  enum class Type : std::uint8_t { nil, status, error, integer, text, list };
  Type type = Type::nil;
  std::string text;  ///< of a status, an error or a text: any bytes
  std::int64_t number = 0;
  std::vector<Reply> items;

  [[nodiscard]] bool is_error() const { return type == Type::error; }
  [[nodiscard]] bool is_text() const { return type == Type::text || type == Type::status; }
  [[nodiscard]] bool is_list() const { return type == Type::list; }
  /// "NOAUTH", "WRONGTYPE", "ERR": what an error begins with. What follows may repeat what was asked, and so
  /// a secret. Empty where it does not look like such a word.
  [[nodiscard]] std::string_view error_code() const;
  /// The texts of a list, without those of its items that are none.
  [[nodiscard]] std::vector<std::string> texts() const;
};

/// More items than this in one reply are an answer that makes no sense.
inline constexpr std::size_t most_items = 200'000;

/// Replies as they came, one after the other. What was cut off, makes no sense or is too large ends them.
struct Replies {
  std::vector<Reply> all;
  bool broken = false;  ///< what follows is no reply
};

[[nodiscard]] Replies read_replies(std::string_view bytes);

}  // namespace tidelock::redis
