#include "providers/redis/resp/reply.hpp"

#include <algorithm>
#include <memory>

#include <hiredis/read.h>

namespace tidelock::redis {
namespace {

/// hiredis calls these to build a reply. What is nested already has its place in the list around it.
struct Builder {
  static Reply* place(const redisReadTask* task) {
    if (task->parent == nullptr) return new Reply;  // NOLINT(cppcoreguidelines-owning-memory): C keeps it
    auto* list = static_cast<Reply*>(task->parent->obj);
    return &list->items[static_cast<std::size_t>(task->idx)];
  }

  static void* text(const redisReadTask* task, char* bytes, std::size_t size) {
    auto* reply = place(task);
    reply->type = task->type == REDIS_REPLY_ERROR    ? Reply::Type::error
                  : task->type == REDIS_REPLY_STATUS ? Reply::Type::status
                                                     : Reply::Type::text;
    reply->text.assign(bytes, size);
    return reply;
  }

  /// hiredis takes what cannot be made for a lack of memory, and reads no further.
  static void* list(const redisReadTask* task, int count) {
    if (count < 0 || static_cast<std::size_t>(count) > most_items) return nullptr;
    auto* reply = place(task);
    reply->type = Reply::Type::list;
    reply->items.resize(static_cast<std::size_t>(count));
    return reply;
  }

  static void* integer(const redisReadTask* task, long long number) {  // NOLINT(google-runtime-int): C's type
    auto* reply = place(task);
    reply->type = Reply::Type::integer;
    reply->number = number;
    return reply;
  }

  static void* nil(const redisReadTask* task) { return place(task); }

  /// Only ever given what has no list around it.
  static void release(void* reply) {
    delete static_cast<Reply*>(reply);
  }  // NOLINT(cppcoreguidelines-owning-memory)
};

using Reader = std::unique_ptr<redisReader, decltype(&redisReaderFree)>;

}  // namespace

std::string_view Reply::error_code() const {
  if (!is_error()) return {};
  const auto word = std::string_view(text).substr(0, text.find(' '));
  const bool plain = std::ranges::all_of(word, [](char c) { return c >= 'A' && c <= 'Z'; });
  return plain ? word : std::string_view{};
}

std::vector<std::string> Reply::texts() const {
  std::vector<std::string> texts;
  for (const auto& item : items)
    if (item.is_text()) texts.push_back(item.text);
  return texts;
}

Replies read_replies(std::string_view bytes) {
  static redisReplyObjectFunctions builder{&Builder::text, &Builder::list, &Builder::integer, &Builder::nil,
                                           &Builder::release};
  Replies replies;
  const Reader reader(redisReaderCreateWithFunctions(&builder), &redisReaderFree);
  if (reader == nullptr || redisReaderFeed(reader.get(), bytes.data(), bytes.size()) != REDIS_OK) {
    replies.broken = true;
    return replies;
  }
  for (;;) {
    void* object = nullptr;
    if (redisReaderGetReply(reader.get(), &object) != REDIS_OK) {
      replies.broken = true;
      return replies;
    }
    if (object == nullptr) return replies;
    const std::unique_ptr<Reply> reply(static_cast<Reply*>(object));
    replies.all.push_back(std::move(*reply));
  }
}

}  // namespace tidelock::redis
