#include "providers/redis/keys/reading.hpp"

#include <algorithm>
#include <array>

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

}  // namespace

/// What a key holds, in the words of its declaration.
struct KeyReader::Content {
  std::string text;
  bool whole = true;  ///< and can be written back
};

Finding KeyReader::finding(const Subject& subject) const {
  Finding finding;
  const auto& declaration = *subject.declaration;
  auto reason = instance_.fault().empty() ? missing(declaration.name) : instance_.fault();
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
  const auto seen = content(declaration);
  finding.fingerprint = sha256_hex(type + '\n' + seen.text);
  finding.observation =
      Present{{{std::string(attribute_of(form)), seen.text}, {"ttl", lifetime(declaration)}}};
  if (!seen.whole) finding.irreversible = "what it holds now";
  const auto wanted = std::string(declaration.attributes.text(attribute_of(form)));
  if (!subject.leaving && seen.whole && seen.text != wanted && has_lines(wanted))
    finding.text_diff = unified_diff(readable(form, seen.text), readable(form, wanted));
  return finding;
}

/// Why nothing can be said; empty where all that is needed came.
std::string KeyReader::missing(const std::string& name) const {
  std::string reason;
  for (const auto* what : {"type", "ttl"}) {
    const auto* reply = instance_.good_reply(label(what, name), reason);
    if (reply == nullptr) return reason;
  }
  if (!instance_.reply(label("type", name))->is_text()) return "redis does not say of what type the key is";
  const auto* reply = instance_.reply(label("content", name));
  if (reply == nullptr) return "redis did not answer this question";
  if (reply->is_error() && reply->error_code() != "WRONGTYPE")
    (void)instance_.good_reply(label("content", name), reason);
  return reason;
}

KeyReader::Content KeyReader::content(const Declaration& declaration) const {
  const auto& reply = *instance_.reply(label("content", declaration.name));
  const auto* size = instance_.reply(label("size", declaration.name));
  const auto form = form_of(declaration);
  if (reply.is_error()) return {fmt::format("(something of another type)"), false};
  if (form == Form::hash) {
    const bool scanned =
        reply.is_list() && reply.items.size() == 2 && reply.items[0].text == "0" && reply.items[1].is_list();
    if (!scanned) return {"(too many fields to look at)", false};
    nlohmann::json fields = nlohmann::json::object();
    const auto texts = reply.items[1].texts();
    for (std::size_t i = 0; i + 1 < texts.size(); i += 2) fields[texts[i]] = texts[i + 1];
    const bool text = std::ranges::all_of(texts, [](const std::string& one) { return is_utf8(one); });
    return {fields.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), text};
  }
  if (size == nullptr || size->number > static_cast<std::int64_t>(most_value) || !reply.is_text())
    return {fmt::format("({} bytes)", size == nullptr ? 0 : size->number), false};
  if (!is_utf8(reply.text)) return {"sha256:" + sha256_hex(reply.text), false};
  if (form == Form::json)
    if (auto json = canonical_json(reply.text)) return {*std::move(json), true};
  return {reply.text, true};
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
