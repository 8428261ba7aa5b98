#include "engine/probe/frames.hpp"

#include <charconv>
#include <utility>

#include "engine/base/text.hpp"

namespace tidelock {

FrameReader::FrameReader(std::string nonce, std::size_t limit) : nonce_(std::move(nonce)), limit_(limit) {}

void FrameReader::feed(std::string_view bytes) {
  while (!overflown_) {
    const auto end = bytes.find('\0');
    if (end == std::string_view::npos) break;
    if (partial_.empty()) {
      take_record(bytes.substr(0, end));
    } else {
      partial_.append(bytes.substr(0, end));
      take_record(std::exchange(partial_, {}));
    }
    bytes.remove_prefix(end + 1);
  }
  if (overflown_) return;
  partial_.append(bytes);
  if (open_bytes_ + partial_.size() <= limit_) return;
  overflown_ = true;
  events_.emplace_back(Overflow{open_ ? open_->name : ""});
}

std::optional<FrameReader::Event> FrameReader::next() {
  if (handed_out_ == events_.size()) return std::nullopt;
  return std::move(events_[handed_out_++]);
}

void FrameReader::take_record(std::string_view record) {
  const bool marker =
      record.size() > nonce_.size() && record.starts_with(nonce_) && record[nonce_.size()] == ' ';
  if (marker) return take_marker(record.substr(nonce_.size() + 1));
  if (!open_) return;
  open_bytes_ += record.size() + sizeof(std::string);  // a flood of empty records costs memory too
  open_->records.emplace_back(record);
}

void FrameReader::take_marker(std::string_view words) {
  const auto parts = split(words, ' ');
  if (parts.size() == 2 && parts[0] == "begin") {
    open_ = Section{.name = std::string(parts[1]), .records = {}, .status = 0};
    open_bytes_ = 0;
    events_.emplace_back(Begin{open_->name});
  } else if (parts.size() == 3 && parts[0] == "end" && open_ && open_->name == parts[1]) {
    // The marker brings a NUL of its own, so that an unterminated record still ends: behind a terminated one
    // it leaves an empty record.
    if (!open_->records.empty() && open_->records.back().empty()) open_->records.pop_back();
    std::from_chars(parts[2].data(), parts[2].data() + parts[2].size(), open_->status);
    events_.emplace_back(*std::exchange(open_, std::nullopt));
  }
}

}  // namespace tidelock
