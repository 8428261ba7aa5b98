#include "providers/redis/keys/reading.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/base/digest.hpp"
#include "engine/base/line_diff.hpp"
#include "engine/base/text.hpp"
#include "providers/redis/keys/declare.hpp"
#include "providers/redis/saving.hpp"

namespace tidelock::redis {
namespace {

constexpr std::int64_t thousand = 1000;

std::string label(const char* what, const std::string& name) { return std::string(what) + ':' + name; }

/// JSON as people read it, a line a member; other texts as they are.
std::string readable(Form form, const std::string& text) {
  if (form == Form::value) return text.ends_with('\n') ? text : text + '\n';
  const auto json = nlohmann::json::parse(text, nullptr, false);
  return json.is_discarded() ? text + '\n'
                             : json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

bool has_lines(std::string_view text) {
  return text.contains('\n') || text.starts_with('{') || text.starts_with('[');
}

/// What a key holds, in the words of its declaration.
struct Content {
  std::string text;
  bool whole = true;  ///< and can be written back
};

Content hash_content(const Reply& scan) {
  if (scan.items[0].text != "0") return {"(too many fields to look at)", false};
  nlohmann::json fields = nlohmann::json::object();
  const auto texts = scan.items[1].texts();
  for (std::size_t i = 0; i + 1 < texts.size(); i += 2) fields[texts[i]] = texts[i + 1];
  auto dumped = fields.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (dumped.size() > most_value) return {human_bytes(dumped.size()), false};
  const bool whole = std::ranges::all_of(texts, [](const std::string& one) { return is_utf8(one); });
  return {std::move(dumped), whole};
}

Content content_of(const Instance& instance, const Declaration& declaration) {
  const auto& reply = *instance.reply(label("content", declaration.name));
  const auto form = form_of(declaration);
  if (reply.is_error()) return {"(something of another type)", false};
  if (form == Form::hash) return hash_content(reply);
  const auto size = instance.reply(label("size", declaration.name))->number;
  if (size > static_cast<std::int64_t>(most_value))
    return {human_bytes(static_cast<std::uint64_t>(size)), false};
  if (!is_utf8(reply.text)) return {"sha256:" + sha256_hex(reply.text), false};
  if (form == Form::json)
    if (auto json = canonical_json(reply.text)) return {*std::move(json), true};
  return {reply.text, true};
}

}  // namespace

Finding KeyReader::finding(const Subject& subject) const {
  Finding finding;
  const auto& declaration = *subject.declaration;
  auto reason = instance_.fault().empty() ? missing(declaration) : instance_.fault();
  if (!reason.empty()) {
    finding.observation = Unknown{std::move(reason)};
    return finding;
  }
  const auto type = instance_.reply(label("type", declaration.name))->text;
  finding.payload = found_;
  finding.memory = to_memory(memory_for(instance_));
  if (auto text = obstacle(subject); !text.empty()) finding.obstacle = Obstacle{std::move(text), {}};
  if (type == "none") {
    finding.observation = Absent{};
    finding.fingerprint = sha256_hex(type);
    return finding;
  }
  const auto form = form_of(declaration);
  const auto seen = content_of(instance_, declaration);
  finding.fingerprint = sha256_hex(type + '\n' + seen.text);
  finding.observation =
      Present{{{std::string(attribute_of(form)), seen.text}, {"ttl", lifetime(declaration)}}};
  if (!seen.whole && !finding.obstacle)
    finding.obstacle = Obstacle{"what it holds could not be brought back; delete it by hand", {}};
  const auto wanted = std::string(declaration.attributes.text(attribute_of(form)));
  if (!subject.leaving && seen.whole && seen.text != wanted && has_lines(wanted))
    finding.text_diff = unified_diff(readable(form, seen.text), readable(form, wanted));
  return finding;
}

/// Why nothing can be said; empty where all that is needed came.
std::string KeyReader::missing(const Declaration& declaration) const {
  const auto& name = declaration.name;
  std::string reason;
  for (const auto* what : {"type", "ttl"}) {
    const auto* reply = instance_.good_reply(label(what, name), reason);
    if (reply == nullptr) return reason;
  }
  if (!instance_.reply(label("type", name))->is_text()) return "redis does not say of what type the key is";
  const auto* size = instance_.reply(label("size", name));
  const auto* reply = instance_.reply(label("content", name));
  if (size == nullptr || reply == nullptr) return "redis did not answer this question";
  if (reply->error_code() == "WRONGTYPE") return {};
  if (instance_.good_reply(label("content", name), reason) == nullptr) return reason;
  const bool fits = form_of(declaration) == Form::hash
                        ? reply->items.size() == 2 && reply->items[0].is_text() && reply->items[1].is_list()
                        : reply->is_text();
  return fits && size->type == Reply::Type::integer ? "" : "what redis says of the key makes no sense";
}

/// As declared while it is not longer than that; it gets shorter by itself.
Value KeyReader::lifetime(const Declaration& declaration) const {
  const auto& reply = *instance_.reply(label("ttl", declaration.name));
  if (reply.type != Reply::Type::integer || reply.number < 0) return std::monostate();
  const auto* declared = declaration.attributes.find("ttl");
  const auto* seconds = declared == nullptr ? nullptr : std::get_if<std::int64_t>(declared);
  if (seconds != nullptr && reply.number / thousand <= *seconds) return *seconds;
  return (reply.number + thousand - 1) / thousand;
}

std::string KeyReader::obstacle(const Subject& subject) const {
  const auto& declaration = *subject.declaration;
  const auto type = instance_.reply(label("type", declaration.name))->text;
  if (type != "none" && type != type_of(form_of(declaration)))
    return fmt::format("a key of type {} is there; delete it by hand", printable(type));
  if (instance_.is_replica() && instance_.info("slave_read_only") != "0")
    return fmt::format("redis is a read-only replica of {}:{}; keys are written there",
                       printable(instance_.info("master_host")), printable(instance_.info("master_port")));
  if (!subject.leaving && instance_.is_out_of_memory())
    return fmt::format("redis is out of memory: {} of {} bytes are used, and it evicts nothing",
                       printable(instance_.info("used_memory")), printable(instance_.info("maxmemory")));
  return {};
}

}  // namespace tidelock::redis
