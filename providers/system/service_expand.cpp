#include "providers/system/service_expand.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/file.hpp"
#include "engine/base/text.hpp"
#include "engine/manifest/value_type.hpp"
#include "providers/system/entry.hpp"
#include "providers/system/service_plan.hpp"
#include "providers/system/unit_text.hpp"

namespace tidelock::system {
namespace {

constexpr std::uint64_t most_text = 64'000;

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

bool is_variable(std::string_view name) {
  const auto fits = [](char c) { return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0; };
  return !name.empty() && std::ranges::all_of(name, fits) && !is_number(name.substr(0, 1));
}

class ServiceExpander {
 public:
  ServiceExpander(const Section& section, const ExpandContext& context, Diagnostics& diagnostics)
      : section_(section), context_(context), diagnostics_(diagnostics) {}

  std::vector<Placement> expand() && {
    for (const auto& entry : section_.body.entries()) add(entry);
    return std::move(placements_);
  }

 private:
  void add(const Node::Entry& entry) {
    const auto& body = entry.value;
    auto declaration = declaration_of("service", entry, section_);
    auto plan = std::make_shared<ServicePlan>();
    check_form(entry);
    if (body.find("exec") != nullptr)
      add_typed(*declaration, *plan, body);
    else if (const auto* unit = body.find("unit"))
      add_text(*declaration, *plan, "unit", *unit);
    else if (const auto* drop_in = body.find("drop_in"))
      add_text(*declaration, *plan, "drop_in", *drop_in);
    add_state(*declaration, *plan, body);
    add_inputs(*declaration, *plan, body);
    add_health(*plan, body);
    for (auto& account : before_service(declaration->attributes))
      declaration->after.push_back(std::move(account));
    declaration->payload = std::move(plan);
    placements_.push_back({std::move(declaration), section_.hosts});
  }

  /// One way to say what it runs, and keys of a unit only where we write one.
  void check_form(const Node::Entry& entry) {
    std::vector<std::string> forms;
    for (const auto* form : {"exec", "unit", "drop_in"})
      if (entry.value.find(form) != nullptr) forms.emplace_back(form);
    if (forms.size() > 1)
      diagnostics_.error(entry.value.find(forms[1])->at(), "Keys exclude each other",
                         fmt::format("{} and {} are two ways to say what the service is; keep one of them",
                                     forms[0], forms[1]));
    if (!forms.empty() && forms[0] == "exec") return;
    constexpr std::array typed{"description", "type",        "user",    "group",         "working_directory",
                               "environment", "exec_reload", "restart", "restart_delay", "after",
                               "wants",       "requires",    "limits"};
    for (const auto* key : typed)
      if (const auto* node = entry.value.find(key))
        diagnostics_.error(node->at(), "Key needs exec",
                           fmt::format("{} belongs to a unit that is made from exec", key));
  }

  void add_typed(Declaration& declaration, ServicePlan& plan, const Node& body) {
    check_lines(body);
    add_secrets(declaration, plan, body);
    plan.text = unit_text(declaration.name, body, plan.secrets ? secrets_file(declaration) : "");
    declaration.attributes.set("unit", "sha256:" + sha256_hex(plan.text));
    for (const auto* account : {"user", "group"}) {
      take(declaration, body, account, "account");  // for the order, when it is no longer declared too
      declaration.ignore.insert(account);
    }
  }

  /// A unit is lines: what holds a new line would say something else.
  void check_lines(const Node& node) {
    for (const auto& [key, at, value] : node.entries()) {
      if (key == "environment") continue;
      if (value.map() != nullptr) check_lines(value);
      for (const auto& text : value.texts())
        if (has_control(text) || text.ends_with('\\'))
          diagnostics_.error(value.at(), "Value does not fit into a unit",
                             fmt::format("{} holds a control character, or ends with \\", key));
    }
  }

  void add_secrets(Declaration& declaration, ServicePlan& plan, const Node& body) {
    const auto* variables = body.find("environment");
    if (variables == nullptr) return;
    std::string lines;
    for (const auto& [name, at, value] : variables->entries()) {
      if (!is_variable(name))
        diagnostics_.error(at, "Variable is not valid",
                           fmt::format("{} is no name of an environment variable", shown(name)));
      if (!value.scalar()->secret) continue;
      auto secret = context_.secret(value);
      if (!secret)
        diagnostics_.error(value.at(), secret.error().summary, secret.error().detail);
      else
        lines += environment_line(name, secret->reveal());
    }
    if (lines.empty()) return;
    declaration.attributes.set("secrets", Hidden{sha256_hex(lines)});
    plan.secrets = Secret(std::move(lines));
  }

  void add_text(Declaration& declaration, ServicePlan& plan, std::string_view name, const Node& source) {
    auto text = read_file(local_path(source), most_text);
    if (!text) {
      diagnostics_.error(source.at(), text.error().summary, text.error().detail);
      return;
    }
    plan.text = std::move(*text);
    if (!plan.text.ends_with('\n')) plan.text += '\n';
    declaration.attributes.set(name, "sha256:" + sha256_hex(plan.text));
  }

  /// A service is there to run, now and after the next boot, unless it is said otherwise.
  void add_state(Declaration& declaration, const ServicePlan& plan, const Node& body) {
    declaration.attributes.set("running", body.find("running") == nullptr || is_true(body.find("running")));
    const auto* enabled = body.find("enabled");
    const bool can_be = body.find("unit") == nullptr || plan.text.contains("[Install]");
    if (enabled != nullptr && is_true(enabled) && !can_be)
      diagnostics_.error(enabled->at(), "Unit cannot be enabled", "it has no [Install] section");
    if (enabled != nullptr || can_be)
      declaration.attributes.set("enabled", enabled == nullptr || is_true(enabled));
  }

  void add_inputs(Declaration& declaration, ServicePlan& plan, const Node& body) {
    const auto* on_change = body.find("on_change");
    plan.on_change = on_change == nullptr ? "restart" : on_change->text();
    const auto* inputs = body.find("inputs");
    if (inputs == nullptr || inputs->sequence() == nullptr) return;
    for (const auto& input : *inputs->sequence()) {
      const auto text = input.text();
      const auto colon = text.find(':');
      if (colon == 0 || colon == std::string_view::npos || colon + 1 == text.size()) {
        diagnostics_.error(
            input.at(), "Input is not valid",
            fmt::format("{} is no resource: write its kind and its name, as file:/etc/x.conf", shown(text)));
        continue;
      }
      ResourceKey key{std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
      (plan.on_change == "none" ? declaration.after : declaration.inputs).push_back(std::move(key));
    }
  }

  void add_health(ServicePlan& plan, const Node& body) {
    if (const auto* port = body.find("port"))
      if (const auto number = value_type("integer").parse({port->text(), port->scalar()->quoted}))
        plan.port = std::get<std::int64_t>(*number);
    plan.take_over = is_true(body.find("take_over"));
    if (plan.take_over && !plan.port)
      diagnostics_.error(body.find("take_over")->at(), "Key needs port",
                         "take_over ends what holds the service's port");
    const auto* health = body.find("health");
    if (health == nullptr) return;
    if (const auto* within = health->find("within"))
      if (const auto value = value_type("duration").parse({within->text(), within->scalar()->quoted}))
        plan.within = std::get<std::int64_t>(*value);
    plan.health = health_words(*health);
  }

  std::vector<std::string> health_words(const Node& health) {
    if (const auto* url = health.find("http")) {
      const bool right = url->text().starts_with("http://") || url->text().starts_with("https://");
      if (!right || has_control(url->text()))
        diagnostics_.error(url->at(), "Address is not valid", "it begins with http:// or https://");
      return {"http", std::string(url->text())};
    }
    if (const auto* tcp = health.find("tcp")) {
      const auto colon = tcp->text().rfind(':');
      const auto host = tcp->text().substr(0, colon);
      const auto port = colon == std::string_view::npos ? std::string_view{} : tcp->text().substr(colon + 1);
      if (!is_number(port) || host.empty() || has_control(host) || host.contains('/'))
        diagnostics_.error(tcp->at(), "Address is not valid", "write HOST:PORT, as localhost:8004");
      return {"tcp", std::string(host), std::string(port)};
    }
    std::vector<std::string> words{"command"};
    for (auto& word : health.find("command")->texts()) words.push_back(std::move(word));
    return words;
  }

  const Section& section_;
  const ExpandContext& context_;
  Diagnostics& diagnostics_;
  std::vector<Placement> placements_;
};

}  // namespace

std::vector<ResourceKey> before_service(const Attributes& attributes) {
  std::vector<ResourceKey> before;
  for (const auto* kind : {"user", "group"}) {
    const auto name = attributes.text(kind);
    if (!name.empty() && !is_number(name)) before.push_back({kind, std::string(name)});
  }
  return before;
}

std::vector<Placement> expand_services(const Section& section, const ExpandContext& context,
                                       Diagnostics& diagnostics) {
  return ServiceExpander(section, context, diagnostics).expand();
}

}  // namespace tidelock::system
