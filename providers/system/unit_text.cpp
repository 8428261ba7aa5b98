#include "providers/system/unit_text.hpp"

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/manifest/value_type.hpp"

namespace tidelock::system {
namespace {

std::int64_t number(const Node& node, std::string_view type) {
  const auto value = value_type(type).parse({node.text(), node.scalar()->quoted});
  const auto* number = value ? std::get_if<std::int64_t>(&*value) : nullptr;
  return number == nullptr ? 0 : *number;
}

/// `%` begins a specifier everywhere in a unit.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) (out += c) += c == '%' ? "%" : "";
  return out;
}

std::string in_unit_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out += '"';
}

class UnitWriter {
 public:
  UnitWriter(std::string_view name, const Node& body, std::string_view secrets)
      : name_(name), body_(body), secrets_(secrets) {}

  std::string write() && {
    out_ = "# Written by Tidelock from its manifest; a change by hand is undone.\n[Unit]\n";
    const auto* description = body_.find("description");
    line("Description", plain(description == nullptr ? name_ : description->text()));
    for (const auto& [key, name] :
         {std::pair{"after", "After"}, {"wants", "Wants"}, {"requires", "Requires"}})
      if (const auto* units = body_.find(key)) line(name, plain(join(units->texts(), " ")));
    out_ += "\n[Service]\n";
    service();
    out_ += "\n[Install]\nWantedBy=multi-user.target\n";
    return std::move(out_);
  }

 private:
  void line(std::string_view key, std::string_view value) { out_ += fmt::format("{}={}\n", key, value); }

  void copy(std::string_view key, std::string_view name) {
    if (const auto* node = body_.find(key)) line(name, plain(node->text()));
  }

  void service() {
    const auto* type = body_.find("type");
    line("Type", type == nullptr ? "exec" : type->text());
    copy("user", "User");
    copy("group", "Group");
    copy("working_directory", "WorkingDirectory");
    environment();
    command("exec", "ExecStart");
    command("exec_reload", "ExecReload");
    const auto* restart = body_.find("restart");
    const bool oneshot = type != nullptr && type->text() == "oneshot";
    if (oneshot) line("RemainAfterExit", "yes");
    line("Restart", restart != nullptr ? restart->text() : oneshot ? "no" : "on-failure");
    if (const auto* delay = body_.find("restart_delay"))
      line("RestartSec", fmt::format("{}s", number(*delay, "duration")));
    if (const auto* limits = body_.find("limits")) add_limits(*limits);
  }

  void environment() {
    const auto* variables = body_.find("environment");
    if (variables == nullptr) return;
    for (const auto& [name, at, value] : variables->entries())
      if (!value.scalar()->secret)
        line("Environment", plain(in_unit_quotes(fmt::format("{}={}", name, value.text()))));
    if (!secrets_.empty()) line("EnvironmentFile", plain(secrets_));
  }

  /// A text is a command line as systemd reads it; a list is its words.
  void command(std::string_view key, std::string_view name) {
    const auto* node = body_.find(key);
    if (node == nullptr) return;
    if (node->sequence() == nullptr) return line(name, node->text());
    std::vector<std::string> words;
    for (const auto& word : node->texts()) words.push_back(exec_word(word));
    line(name, join(words, " "));
  }

  void add_limits(const Node& limits) {
    if (const auto* memory = limits.find("memory"))
      line("MemoryMax", fmt::to_string(number(*memory, "size")));
    if (const auto* cpus = limits.find("cpus"))
      line("CPUQuota", fmt::format("{}%", number(*cpus, "integer") * 100));
    if (const auto* files = limits.find("open_files")) line("LimitNOFILE", files->text());
    if (const auto* tasks = limits.find("tasks")) line("TasksMax", tasks->text());
  }

  std::string_view name_;
  const Node& body_;
  std::string_view secrets_;
  std::string out_;
};

}  // namespace

std::string exec_word(std::string_view word) {
  std::string out;
  for (const char c : plain(in_unit_quotes(word))) (out += c) += c == '$' ? "$" : "";
  return out;
}

std::string environment_line(std::string_view name, std::string_view value) {
  std::string out = fmt::format("{}=\"", name);
  for (const char c : value) {
    if (std::string_view("\"\\$`").contains(c)) out += '\\';
    out += c;
  }
  return out += "\"\n";
}

std::string unit_text(std::string_view name, const Node& body, std::string_view secrets) {
  return UnitWriter(name, body, secrets).write();
}

}  // namespace tidelock::system
