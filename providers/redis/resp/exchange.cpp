#include "providers/redis/resp/exchange.hpp"

#include <new>

#include <hiredis/hiredis.h>

namespace tidelock::redis {

Requests& Requests::add(std::string label, std::span<const std::string> words) {
  std::vector<const char*> starts;
  std::vector<std::size_t> sizes;
  for (const auto& word : words) {
    starts.push_back(word.data());
    sizes.push_back(word.size());
  }
  char* formatted = nullptr;
  const auto size =
      redisFormatCommandArgv(&formatted, static_cast<int>(words.size()), starts.data(), sizes.data());
  if (size < 0) throw std::bad_alloc();
  bytes_.append(formatted, static_cast<std::size_t>(size));
  redisFreeCommand(formatted);
  labels_.push_back(std::move(label));
  return *this;
}

Requests& Requests::add(std::string label, std::initializer_list<std::string_view> words) {
  const std::vector<std::string> copies(words.begin(), words.end());
  return add(std::move(label), copies);
}

Answers::Answers(const Requests& requests, std::string_view bytes)
    : asked_(requests.labels().size()), replies_(read_replies(bytes)) {
  for (std::size_t i = 0; i < asked_; ++i) places_.try_emplace(requests.labels()[i], i);
  if (replies_.all.size() > asked_) replies_.all.resize(asked_);
}

const Reply* Answers::find(std::string_view label) const {
  const auto found = places_.find(label);
  return found == places_.end() || found->second >= replies_.all.size() ? nullptr
                                                                        : &replies_.all[found->second];
}

}  // namespace tidelock::redis
