#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/manifest/problems.hpp"
#include "engine/manifest/reference_text.hpp"
#include "engine/manifest/schema.hpp"
#include "engine/manifest/schema_view.hpp"
#include "engine/manifest/tree_json.hpp"
#include "engine/manifest/value_type.hpp"

namespace tidelock {
namespace {

using nlohmann::json;

/// Sections in the order in which one writes a manifest; families' sections come where the gap is.
constexpr std::array<std::string_view, 5> first_sections{"tidelock", "cluster", "connection", "nodes",
                                                         "node_types"};
constexpr std::array<std::string_view, 8> last_sections{"filesystems", "transfers", "lock",    "policy",
                                                        "moved",       "vars",      "include", "extends"};

std::string text_member(const json& schema, const char* name) {
  const auto found = schema.find(name);
  return found != schema.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

bool flag_member(const json& schema, const char* name) {
  const auto found = schema.find(name);
  return found != schema.end() && found->is_boolean() && found->get<bool>();
}

/// A text as YAML takes it in one line: in quotes where it would be something else without.
std::string yaml_text(const std::string& text) {
  const bool plain = text.find_first_of(":#{}[],&*!|>'\"%@`\n$") == std::string::npos ||
                     text.starts_with("~/") ||
                     (text.starts_with('/') && text.find_first_of("{}[],\"\n$:") == std::string::npos);
  const bool digits = std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
  const bool is_text = scalar_type(Node::Scalar{.text = text, .quoted = false, .secret = {}, .origin = {}}) ==
                       ScalarType::text;
  return plain && is_text && !digits ? text : json(text).dump();
}

std::string yaml_flow(const json& value) {
  std::vector<std::string> parts;
  if (value.is_string()) return yaml_text(value.get<std::string>());
  if (value.is_array()) {
    for (const auto& item : value) parts.push_back(yaml_flow(item));
    return fmt::format("[{}]", join(parts, ", "));
  }
  if (!value.is_object()) return value.dump();
  for (const auto& [key, item] : value.items())
    parts.push_back(fmt::format("{}: {}", yaml_text(key), yaml_flow(item)));
  return parts.empty() ? "{}" : fmt::format("{{ {} }}", join(parts, ", "));
}

std::string as_cell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|') cell += '\\';
    cell += c == '\n' ? ' ' : c;
  }
  return cell;
}

std::string plural(const std::string& type) {
  return type == "text" || type == "local path" ? type + "s" : type;
}

std::string placeholder(const json& schema) {
  const auto keys = text_member(schema, "x-keys");
  if (keys == "path") return "PATH";
  return keys == "hostlist" ? "HOSTS" : "NAME";
}

/// What the keys of a map of entries are.
std::string key_words(const json& schema) {
  const auto keys = text_member(schema, "x-keys");
  if (keys == "path") return "an absolute path on the host";
  if (keys == "hostlist") return "a host list";
  return keys.empty() || keys == "name" ? "a name"
                                        : fmt::format("a name, as [{}](#value-types) has it", keys);
}

const json* entry_schema(const json& schema) {
  const auto additional = schema.find("additionalProperties");
  return additional != schema.end() && additional->is_object() ? &*additional : nullptr;
}

/// Writes the reference of one schema.
class Reference {
 public:
  explicit Reference(const Schema& schema) : schema_(schema) {}
  [[nodiscard]] std::string write();

 private:
  void section(std::string_view heading, const std::string& name, const json& part);
  void table(const json& body);
  void rows(const json& part, const std::string& prefix);
  void row(const std::string& key, const json& part, bool needed);
  void node_types();
  void value_types_table();
  void overview();
  [[nodiscard]] std::vector<std::string> section_names() const;
  [[nodiscard]] std::string type_of(const json& part) const;
  [[nodiscard]] std::string plain_type(const json& schema) const;
  [[nodiscard]] const json& property(const std::string& name) const {
    return schema_.document().at("properties").at(name);
  }

  const Schema& schema_;
  std::string out_;
};

std::string Reference::plain_type(const json& schema) const {
  if (const auto named = text_member(schema, "x-type"); !named.empty())
    return fmt::format("[{}](#value-types)", named);
  if (flag_member(schema, "x-source")) return "local path";
  if (has_type(schema, "array")) {
    const auto items = schema.find("items");
    return items == schema.end() ? "list" : fmt::format("list of {}", plural(type_of(*items)));
  }
  if (has_type(schema, "object")) {
    const json* entries = entry_schema(schema);
    const bool of_values = entries != nullptr && !has_type(schema_.resolved(*entries), "object");
    return of_values ? fmt::format("map of {}", type_of(*entries)) : "map";
  }
  if (has_type(schema, "string")) return "text";
  if (has_type(schema, "boolean")) return "[boolean](#value-types)";
  if (has_type(schema, "integer")) return "[integer](#value-types)";
  return "text";
}

std::string Reference::type_of(const json& part) const {
  const json& schema = schema_.resolved(part);
  if (const auto constant = schema.find("const"); constant != schema.end())
    return fmt::format("`{}`", yaml_flow(*constant));
  std::vector<std::string> words;
  if (const auto several = schema.find("enum"); several != schema.end())
    for (const auto& one : *several) words.push_back(fmt::format("`{}`", yaml_flow(one)));
  if (const auto alternatives = schema.find("oneOf");
      alternatives != schema.end() && !schema.contains("type"))
    for (const auto& one : *alternatives) words.push_back(type_of(one));
  if (words.empty()) words.push_back(plain_type(schema));
  if (flag_member(schema, "x-secret")) words.emplace_back("a secret");
  return join(words, " or ");
}

void Reference::row(const std::string& key, const json& part, bool needed) {
  const json& schema = schema_.resolved(part);
  auto what = text_member(schema, "description");
  if (needed) what = what.empty() ? "Needed." : fmt::format("{} Needed.", what);
  if (const auto preset = schema.find("default"); preset != schema.end())
    what += fmt::format("{}Default: `{}`.", what.empty() ? "" : " ", yaml_flow(*preset));
  const auto examples = schema.find("examples");
  const auto example = examples == schema.end() || examples->empty()
                           ? std::string{}
                           : fmt::format("`{}`", yaml_flow(examples->front()));
  out_ += fmt::format("| `{}` | {} | {} | {} |\n", as_cell(key), as_cell(type_of(schema)), as_cell(what),
                      as_cell(example));
}

/// A row for each key of a map, and for the keys of the maps in it; what is needed comes first.
void Reference::rows(const json& part, const std::string& prefix) {
  const json& schema = schema_.resolved(part);
  const auto needed = schema.value("required", json::array());
  const auto is_needed = [&](const std::string& key) {
    return std::ranges::find(needed, json(key)) != needed.end();
  };
  if (const auto properties = schema.find("properties"); properties != schema.end())
    for (const bool first : {true, false})
      for (const auto& [key, value] : properties->items()) {
        if (is_needed(key) != first) continue;
        row(prefix + key, value, first);
        rows(value, fmt::format("{}{}.", prefix, key));
      }
  if (const json* entries = entry_schema(schema); entries != nullptr && !prefix.empty())
    rows(*entries, fmt::format("{}{}.", prefix, placeholder(schema)));
  if (const auto alternatives = schema.find("oneOf"); alternatives != schema.end())
    for (const auto& one : *alternatives) rows(one, prefix);
}

void Reference::table(const json& body) {
  const auto before = out_.size();
  out_ += "| key | type | what | example |\n|---|---|---|---|\n";
  const auto header = out_.size();
  rows(body, {});
  if (out_.size() == header)
    out_.resize(before);
  else
    out_ += '\n';
}

void Reference::section(std::string_view heading, const std::string& name, const json& part) {
  const json& schema = schema_.resolved(part);
  const json* entries = schema.contains("properties") ? nullptr : entry_schema(schema);
  out_ += fmt::format("{}{}`\n\n{}\n\n", heading, name, text_member(schema, "description"));
  if (const auto examples = schema.find("examples"); examples != schema.end() && !examples->empty())
    out_ += fmt::format("```yaml\n{}: {}\n```\n\n", name, yaml_flow(examples->front()));
  if (entries == nullptr && !has_type(schema, "object") && !schema.contains("const"))
    out_ += fmt::format("Type: {}.\n\n", type_of(schema));
  if (entries != nullptr && name != "node_types")
    out_ += has_type(schema_.resolved(*entries), "object")
                ? fmt::format("Each key is {}; the keys below it are:\n\n", key_words(schema))
                : fmt::format("Each key is {}, each value {}.\n\n", key_words(schema), type_of(*entries));
  if (name != "node_types") table(entries == nullptr ? schema : *entries);
}

/// All sections in short, with links to what is said about them below.
void Reference::overview() {
  out_ += "## Sections\n\n| section | |\n|---|---|\n";
  for (const auto& name : section_names()) {
    const bool needed = name == "tidelock" || name == "cluster" || name == "nodes";
    out_ += fmt::format("| [`{0}`](#{0}) | {1}{2} |\n", name,
                        text_member(schema_.resolved(property(name)), "title"), needed ? ", needed" : "");
  }
  out_ += '\n';
}

void Reference::node_types() {
  const auto& type = schema_.document().at("definitions").at("node_type").at("properties");
  section("## `", "node_types", property("node_types"));
  out_ += "Each key is the name of a type, as nodes name it; a type holds these sections:\n\n";
  section("### `NAME.", "extends", type.at("extends"));
  for (const auto& [name, part] : type.items())
    if (name != "extends") section("### `NAME.", name, part);
}

std::vector<std::string> Reference::section_names() const {
  std::vector<std::string> names(first_sections.begin(), first_sections.end());
  for (const auto& [name, part] : schema_.document().at("properties").items())
    if (schema_.is_cluster_section(name)) names.push_back(name);
  names.insert(names.end(), last_sections.begin(), last_sections.end());
  return names;
}

void Reference::value_types_table() {
  out_ += "## Value types\n\n| type | what may be written |\n|---|---|\n";
  for (const auto& type : value_types())
    out_ += fmt::format("| {} | {} |\n", type.name, as_cell(type.description));
  out_ +=
      "| local path | A path on this machine, from the folder of the file that wrote it; `~/` is the home "
      "folder. |\n";
}

std::string Reference::write() {
  out_ = reference_introduction;
  out_ += fmt::format("```yaml\n{}```\n\n{}", reference_example, reference_rules);
  overview();
  for (const auto& name : section_names()) {
    if (name == "node_types")
      node_types();
    else
      section("## `", name, property(name));
  }
  value_types_table();
  return std::move(out_);
}

}  // namespace

std::string reference_markdown(const Schema& schema) { return Reference(schema).write(); }

}  // namespace tidelock
