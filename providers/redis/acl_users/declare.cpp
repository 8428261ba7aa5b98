#include "providers/redis/acl_users/declare.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/text.hpp"
#include "providers/redis/acl/selector.hpp"
#include "providers/redis/acl/user.hpp"
#include "providers/redis/acl_users/wanted.hpp"
#include "providers/redis/connection.hpp"
#include "providers/redis/flags.hpp"

namespace tidelock::redis {
namespace {

constexpr std::array<std::string_view, 7> attribute_names{"channels", "commands", "enabled",  "keys",
                                                          "password", "saved",    "selectors"};

/// A history keeps the digests that redis had, a ledger something from which nobody gets them back.
bool is_known_password(const Value& value) {
  return std::holds_alternative<Hidden>(value) || std::holds_alternative<std::monostate>(value) ||
         value == Value(std::string(no_password));
}

class UserDeclarer {
 public:
  UserDeclarer(const Node::Entry& entry, const ExpandContext& context, Diagnostics& diagnostics)
      : entry_(entry), body_(entry.value), context_(context), diagnostics_(diagnostics) {}

  std::shared_ptr<Declaration> declare() && {
    check_name();
    take_flags(*declaration_, body_);
    check_ignored();
    set("keys", keys());
    set("channels", channels());
    set("commands", commands());
    set("selectors", selectors());
    if (is_whole() || body_.find("enabled") != nullptr)
      declaration_->attributes.set("enabled",
                                   body_.find("enabled") == nullptr || is_true(body_.find("enabled")));
    if (const auto* node = body_.find("password")) set_password(*node);
    declaration_->attributes.set("saved", true);
    auto declared = std::make_shared<Declared>();
    if (const auto* uses = body_.find("uses"))
      for (const auto& command : uses->texts()) declared->uses.push_back(lower_case(command));
    declaration_->payload = std::move(declared);
    return std::move(declaration_);
  }

 private:
  /// Of `default` only what is written counts: it was there before everybody.
  [[nodiscard]] bool is_whole() const { return entry_.key != default_user; }

  void check_name() {
    const bool odd = std::ranges::any_of(
        entry_.key, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7F'; });
    if (entry_.key.empty() || odd)
      diagnostics_.error(entry_.key_at, "Name of a user is not valid",
                         fmt::format("{} is empty or holds white space", shown(entry_.key)));
  }

  void check_ignored() {
    const auto* ignored = body_.find("ignore");
    if (ignored == nullptr || ignored->sequence() == nullptr) return;
    for (const auto& name : *ignored->sequence())
      if (!holds(attribute_names, name.text()))
        diagnostics_.error(name.at(), "No such attribute",
                           fmt::format("{} has no {}", user_kind, shown(name.text())));
  }

  void set(std::string_view name, std::vector<std::string> value) {
    if (is_whole() || body_.find(name) != nullptr) declaration_->attributes.set(name, std::move(value));
  }

  [[nodiscard]] std::span<const Node> items(std::string_view name) const {
    const auto* node = body_.find(name);
    if (node == nullptr || node->sequence() == nullptr) return {};
    return *node->sequence();
  }

  void refuse(const Node& node, std::string_view summary, const std::expected<void, std::string>& applied) {
    if (!applied) diagnostics_.error(node.at(), std::string(summary), applied.error());
  }

  std::vector<std::string> keys() {
    KeyPatterns patterns;
    for (const auto& item : items("keys"))
      refuse(item, "Pattern is not valid", add_key_pattern(item.text(), patterns));
    return patterns.written();
  }

  std::vector<std::string> channels() {
    ChannelPatterns patterns;
    for (const auto& item : items("channels"))
      refuse(item, "Pattern is not valid", add_channel_pattern(item.text(), patterns));
    return patterns.written();
  }

  std::vector<std::string> commands() {
    std::vector<std::string> rules;
    for (const auto& item : items("commands")) {
      if (!is_command_rule(item.text()))
        diagnostics_.error(
            item.at(), "Rule is not valid",
            fmt::format("{} is no rule about commands; write +get, -@dangerous, +config|get, …",
                        shown(item.text())));
      rules.push_back(lower_case(item.text()));
    }
    return rules;
  }

  std::vector<std::string> selectors() {
    std::vector<std::string> texts;
    for (const auto& item : items("selectors")) {
      const auto inside = trim(item.text());
      const bool wrapped = inside.starts_with('(') && inside.ends_with(')') && inside.size() > 1;
      const auto text = wrapped ? inside.substr(1, inside.size() - 2) : inside;
      if (text.empty() || text.contains('(') || text.contains(')') || has_control(text))
        diagnostics_.error(item.at(), "Selector is not valid",
                           "write rules with spaces between them, as \"~cache:* +@read\"");
      texts.emplace_back(text);
    }
    return texts;
  }

  static bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < ' '; });
  }

  void set_password(const Node& node) {
    if (!node.scalar()->secret) {
      diagnostics_.error(node.at(), "Password is not a secret",
                         "write !env NAME, !file PATH or !command TEXT, so that it is in no manifest");
      return;
    }
    const auto secret = context_.secret(node);
    if (!secret)
      diagnostics_.error(node.at(), secret.error().summary, secret.error().detail);
    else
      declaration_->attributes.set("password", Hidden{sha256_hex(secret->reveal())});
  }

  const Node::Entry& entry_;
  const Node& body_;
  const ExpandContext& context_;
  Diagnostics& diagnostics_;
  std::shared_ptr<Declaration> declaration_ = std::make_shared<Declaration>();
};

}  // namespace

std::shared_ptr<Declaration> declare_user(const Node::Entry& entry, const ExpandContext& context,
                                          Diagnostics& diagnostics) {
  return UserDeclarer(entry, context, diagnostics).declare();
}

std::shared_ptr<Declaration> recall_user(const Attributes& attributes) {
  auto declaration = std::make_shared<Declaration>();
  for (const auto& [name, value] : attributes)
    if (holds(attribute_names, std::string_view(name)) && (name != "password" || is_known_password(value)))
      declaration->attributes.set(name, value);
  declaration->attributes.set("saved", true);
  return declaration;
}

}  // namespace tidelock::redis
