#include "providers/redis/keys/declare.hpp"

#include <array>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/base/file.hpp"
#include "engine/base/text.hpp"
#include "engine/manifest/value_type.hpp"
#include "providers/redis/flags.hpp"

namespace tidelock::redis {
namespace {

class KeyDeclarer {
 public:
  KeyDeclarer(const Node::Entry& entry, Diagnostics& diagnostics)
      : entry_(entry), body_(entry.value), diagnostics_(diagnostics) {}

  std::shared_ptr<Declaration> declare() && {
    take_flags(*declaration_, body_);
    if (entry_.key.empty()) diagnostics_.error(entry_.key_at, "Name of a key is empty");
    const auto* form = only_form();
    if (form == nullptr) return nullptr;
    if (*form == "value")
      set_text("value", body_.find("value")->at(), std::string(body_.find("value")->text()));
    if (*form == "source") set_source(*body_.find("source"));
    if (*form == "json") set_json(*body_.find("json"));
    if (*form == "hash") set_hash(*body_.find("hash"));
    set_ttl();
    return std::move(declaration_);
  }

 private:
  /// Null where there is none, or more than one.
  const std::string_view* only_form() {
    static constexpr std::array<std::string_view, 4> forms{"value", "source", "json", "hash"};
    const std::string_view* only = nullptr;
    for (const auto& form : forms) {
      const auto* node = body_.find(form);
      if (node == nullptr) continue;
      if (only != nullptr) {
        diagnostics_.error(node->at(), "Keys exclude each other",
                           fmt::format("{} and {} both say what is in it; keep one of them", *only, form));
        return nullptr;
      }
      only = &form;
    }
    if (only == nullptr)
      diagnostics_.error(entry_.key_at, "Key has no content", "write value, source, json or hash");
    return only;
  }

  void set_text(std::string_view name, const Location& at, std::string text) {
    if (text.size() > most_value)
      diagnostics_.error(at, "Value is too large", fmt::format("{} is the most", human_bytes(most_value)));
    if (!is_utf8(text) || text.contains('\0'))
      diagnostics_.error(at, "Value is not text", "it holds bytes that are no UTF-8, or NUL");
    declaration_->attributes.set(name, std::move(text));
  }

  void set_source(const Node& node) {
    auto text = read_file(local_path(node), most_value);
    if (text)
      set_text("value", node.at(), *std::move(text));
    else
      diagnostics_.error(node.at(), text.error().summary, text.error().detail);
  }

  void set_json(const Node& node) {
    auto text = canonical_json(node.text());
    if (text)
      set_text("json", node.at(), *std::move(text));
    else
      diagnostics_.error(node.at(), "Value is not JSON", "write it as one text, as '{\"a\": 1}'");
  }

  void set_hash(const Node& node) {
    nlohmann::json fields = nlohmann::json::object();
    if (node.entries().empty())
      diagnostics_.error(node.at(), "Hash is empty", "Redis keeps no hash without fields");
    for (const auto& [name, at, value] : node.entries()) {
      if (!is_utf8(name) || !is_utf8(value.text()) || name.contains('\0') || value.text().contains('\0'))
        return diagnostics_.error(at, "Value is not text", "it holds bytes that are no UTF-8, or NUL");
      fields[name] = value.text();
    }
    set_text("hash", node.at(), fields.dump());
  }

  void set_ttl() {
    declaration_->attributes.set("ttl", std::monostate());
    const auto* node = body_.find("ttl");
    if (node == nullptr || node->scalar() == nullptr) return;
    const auto seconds = value_type("duration").parse({node->text(), node->scalar()->quoted});
    if (!seconds) return;
    if (*seconds == Value(std::int64_t{0}))
      diagnostics_.error(node->at(), "Duration is zero", "it would be gone at once");
    declaration_->attributes.set("ttl", *seconds);
  }

  const Node::Entry& entry_;
  const Node& body_;
  Diagnostics& diagnostics_;
  std::shared_ptr<Declaration> declaration_ = std::make_shared<Declaration>();
};

}  // namespace

std::shared_ptr<Declaration> declare_key(const Node::Entry& entry, Diagnostics& diagnostics) {
  return KeyDeclarer(entry, diagnostics).declare();
}

std::shared_ptr<Declaration> recall_key(const Attributes& attributes) {
  auto declaration = std::make_shared<Declaration>();
  for (const auto* name : {"value", "json", "hash", "ttl"})
    if (const auto* value = attributes.find(name)) declaration->attributes.set(name, *value);
  return declaration;
}

Form form_of(const Declaration& declaration) {
  if (declaration.attributes.find("hash") != nullptr) return Form::hash;
  return declaration.attributes.find("json") != nullptr ? Form::json : Form::value;
}

std::string_view attribute_of(Form form) {
  return form == Form::hash ? "hash" : form == Form::json ? "json" : "value";
}

std::string_view type_of(Form form) { return form == Form::hash ? "hash" : "string"; }

std::optional<std::string> canonical_json(std::string_view text) {
  const auto parsed = nlohmann::json::parse(text, nullptr, false);
  if (parsed.is_discarded()) return std::nullopt;
  return parsed.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace tidelock::redis
