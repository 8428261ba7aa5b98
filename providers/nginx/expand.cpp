#include "providers/nginx/expand.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "providers/common/keys.hpp"
#include "providers/nginx/configuration/statement.hpp"
#include "providers/nginx/directives.hpp"
#include "providers/nginx/names.hpp"
#include "providers/nginx/wish.hpp"

namespace tidelock::nginx {
namespace {

bool is_plain(std::string_view name) {
  constexpr std::string_view known = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  return !name.empty() && !name.starts_with('.') && name.find_first_not_of(known) == std::string_view::npos;
}

std::string text_of(const Node* node) { return node == nullptr ? std::string() : std::string(node->text()); }

class Expander {
 public:
  Expander(const Section& section, const ExpandContext& context, Diagnostics& diagnostics)
      : body_(section.body), context_(context), diagnostics_(diagnostics) {}

  std::vector<Placement> expand() && {
    if (!find_node()) return {};
    read_plan();
    for (const auto& upstream : entries(body_, "upstreams"))
      add(upstream_kind, upstream.key, upstream, upstream_directives(upstream.value, diagnostics_));
    for (const auto& server : entries(body_, "servers")) add_server(server);
    return std::move(placements_);
  }

 private:
  [[nodiscard]] static std::span<const Node::Entry> entries(const Node& body, std::string_view key) {
    const auto* node = body.find(key);
    return node == nullptr ? std::span<const Node::Entry>{} : node->entries();
  }

  bool find_node() {
    const auto* on = body_.find("on");
    if (on == nullptr) {
      if (!body_.entries().empty())
        diagnostics_.error(body_.at(), "Key is missing", "nginx needs `on`: the node on which it runs");
      return false;
    }
    node_ = on->text();
    return names_node(*on, context_.manifest, diagnostics_);
  }

  void read_plan() {
    plan_->when_idle = text_of(body_.find("reload")) == "idle";
    for (const auto& probe : entries(body_, "probes")) {
      Check check{
          .url = text_of(probe.value.find("url")), .status = 200, .ca = text_of(probe.value.find("ca"))};
      const bool known = check.url.starts_with("http://") || check.url.starts_with("https://");
      const bool odd = std::ranges::any_of(check.url, [](char c) { return c <= ' ' || c == 0x7F; });
      if (!known || odd)
        diagnostics_.error(
            probe.value.find("url")->at(), "Not a URL",
            fmt::format("{} has to begin with http:// or https:// and to hold no blanks", shown(check.url)));
      if (const auto status = text_of(probe.value.find("status")); !status.empty())
        std::from_chars(status.data(), status.data() + status.size(), check.status);
      plan_->checks.push_back(std::move(check));
    }
  }

  Declaration& add(std::string_view kind, std::string name, const Node::Entry& entry,
                   std::vector<std::string> directives) {
    auto declaration = std::make_shared<Declaration>();
    declaration->kind = kind;
    declaration->name = std::move(name);
    declaration->at = entry.key_at;
    declaration->asked_by = {"nginx"};
    declaration->protect = is_true(entry.value.find("protect"));
    declaration->detect_only = is_true(entry.value.find("detect_only"));
    declaration->attributes.set("directives", std::move(directives));
    declaration->attributes.set("live", true);
    for (const auto* package : {"nginx", "nginx-light", "nginx-core", "nginx-full", "nginx-extras"})
      declaration->after.push_back({"package", package});
    declaration->after.push_back({"service", "nginx"});
    declaration->payload = plan_;
    placements_.push_back({declaration, {node_}});
    return *declaration;
  }

  void add_server(const Node::Entry& server) {
    if (!is_plain(server.key))
      return diagnostics_.error(
          server.key_at, "Not the name of a server",
          fmt::format("{} has to be of letters, digits, `.`, `_` and `-`, and not to begin with a dot",
                      shown(server.key)));
    const auto* file = server.value.find("file");
    if (file == nullptr) {
      check_own(server);
      add(server_kind, server.key, server, server_directives(server.value, diagnostics_));
    } else {
      check_of_others(server, *file);
    }
    for (const auto& location : entries(server.value, "locations")) add_location(server, location);
  }

  void check_own(const Node::Entry& server) {
    if (const auto* match = server.value.find("match"))
      diagnostics_.error(match->at(), "Nothing to match", "`match` tells which block of `file` is meant");
    if (server.value.find("listen") == nullptr)
      diagnostics_.error(server.key_at, "Key is missing",
                         "a server needs `file`, where its block is, or `listen`, to have one made");
  }

  void check_of_others(const Node::Entry& server, const Node& file) {
    const auto path = file.text();
    if (!path.starts_with(folder) || path.contains("/../"))
      diagnostics_.error(file.at(), "File is not below /etc/nginx",
                         fmt::format("{} is somewhere else", shown(path)));
    for (const auto* key :
         {"listen", "server_name", "tls", "root", "max_body_size", "redirect", "headers", "extra"})
      if (const auto* node = server.value.find(key))
        diagnostics_.error(
            node->at(), "Server is the administrators' own",
            fmt::format("with `file`, only locations are added; `{}` is changed in {}", key, shown(path)));
    if (entries(server.value, "locations").empty())
      diagnostics_.warning(server.key_at, "Server without locations", "nothing is done for it");
  }

  void add_location(const Node::Entry& server, const Node::Entry& entry) {
    const auto pattern = pattern_in(entry.key, entry.key_at);
    if (!pattern) return;
    auto& declaration = add(location_kind, location_name(server.key, *pattern), entry,
                            location_directives(entry.value, diagnostics_));
    const auto* file = server.value.find("file");
    auto& attributes = declaration.attributes;
    attributes.set("file", file == nullptr ? server_file(server.key) : std::string(file->text()));
    if (file == nullptr) declaration.after.push_back({std::string(server_kind), server.key});
    add_match(server, attributes);
    for (const auto* key : {"before", "like"})
      if (const auto* other = entry.value.find(key))
        if (const auto known = pattern_in(std::string(other->text()), other->at()))
          attributes.set(key, *known);
    if (is_true(entry.value.find("adopt"))) attributes.set("stands_in", locations_file(server.key));
    attributes.set("wins", true);
    for (const auto& upstream : entries(body_, "upstreams"))
      if (text_of(entry.value.find("proxy_pass")).contains("://" + upstream.key))
        declaration.after.push_back({std::string(upstream_kind), upstream.key});
  }

  static void add_match(const Node::Entry& server, Attributes& attributes) {
    const auto* match = server.value.find("match");
    if (match == nullptr) return;
    const auto text = to_text(
        {.listen = text_of(match->find("listen")), .server_name = text_of(match->find("server_name"))});
    if (!text.empty()) attributes.set("match", text);
  }

  std::optional<std::string> pattern_in(const std::string& text, const tidelock::Location& at) {
    const auto pattern = parse_pattern(text);
    if (pattern && pattern->match == Match::prefix && !pattern->text.starts_with('/'))
      return refuse(text, at);
    return pattern ? std::optional(head_of(*pattern)) : refuse(text, at);
  }

  std::optional<std::string> refuse(const std::string& text, const tidelock::Location& at) {
    diagnostics_.error(
        at, "Not a location",
        fmt::format("{} is not what nginx takes: a path, or `=`, `^~`, `~` or `~*` and a word; quotes "
                    "around a word with blanks, braces or semicolons",
                    shown(text)));
    return std::nullopt;
  }

  const Node& body_;
  const ExpandContext& context_;
  Diagnostics& diagnostics_;
  std::string node_;
  std::shared_ptr<NginxPlan> plan_ = std::make_shared<NginxPlan>();
  std::vector<Placement> placements_;
};

}  // namespace

std::vector<Placement> expand_nginx(const Section& section, const ExpandContext& context,
                                    Diagnostics& diagnostics) {
  return Expander(section, context, diagnostics).expand();
}

}  // namespace tidelock::nginx
