#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tidelock {

/// What a host program says, cut into sections. Each section is announced and closed by a record that begins
/// with the program's nonce; whatever comes outside of sections (banners, messages of login shells) is noise
/// and dropped.
class FrameReader {
 public:
  struct Begin {
    std::string section;
  };
  struct Section {
    std::string name;
    std::vector<std::string> records;
    int status = 0;
  };
  struct Overflow {
    std::string section;
  };
  using Event = std::variant<Begin, Section, Overflow>;

  /// A section of more than `limit` bytes is an Overflow; the rest of the stream is then not read any more.
  explicit FrameReader(std::string nonce, std::size_t limit = std::size_t{64} << 20U);

  /// Takes the next bytes, in pieces of any size.
  void feed(std::string_view bytes);
  /// The next event, in order; none until more is fed.
  [[nodiscard]] std::optional<Event> next();

 private:
  void take_record(std::string_view record);
  void take_marker(std::string_view words);

  std::string nonce_;
  std::size_t limit_;
  std::string partial_;
  std::optional<Section> open_;
  std::size_t open_bytes_ = 0;
  bool overflown_ = false;
  std::vector<Event> events_;
  std::size_t handed_out_ = 0;
};

}  // namespace tidelock
