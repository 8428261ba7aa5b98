#include "tests/unit/manifest/support.hpp"

#include <algorithm>
#include <fstream>

#include <fmt/format.h>

namespace tidelock::test {
namespace {

constexpr std::string_view fragment_text = R"json({
  "node_type": {
    "directories": {
      "title": "Directories",
      "description": "Directories on the node, by their path.",
      "type": "object",
      "x-keys": "path",
      "additionalProperties": { "$ref": "#/definitions/directory" },
      "examples": [{ "/opt/apptainers": { "owner": "root", "mode": "0755" } }]
    },
    "files": {
      "title": "Files",
      "description": "Files on the node, by their path.",
      "type": "object",
      "x-keys": "path",
      "additionalProperties": {
        "type": "object",
        "additionalProperties": false,
        "oneOf": [{ "required": ["content"] }, { "required": ["source"] }],
        "properties": {
          "content": { "description": "The content.", "type": "string", "x-type": "text", "x-secret": true,
                       "x-attribute": true },
          "source": { "description": "A local file.", "type": "string", "x-source": true, "x-attribute": true },
          "owner": { "$ref": "#/definitions/account" },
          "group": { "$ref": "#/definitions/account" },
          "mode": { "$ref": "#/definitions/mode" }
        }
      }
    },
    "images": {
      "title": "Images",
      "description": "Folders of images on the node.",
      "type": "object",
      "x-keys": "path",
      "additionalProperties": {
        "type": "object",
        "additionalProperties": false,
        "required": ["from"],
        "properties": {
          "from": { "description": "A local file or folder.", "type": "string", "x-source": true },
          "allow_empty": { "description": "An empty folder is fine.", "type": "boolean" },
          "sha256": { "description": "The digest.", "type": "string", "x-type": "sha256", "x-attribute": true }
        }
      }
    }
  },
  "cluster": {
    "queues": {
      "title": "Queues",
      "description": "A section of the whole cluster.",
      "type": "object",
      "x-keys": "name",
      "additionalProperties": {
        "type": "object",
        "additionalProperties": false,
        "properties": {
          "max_wall": { "description": "The longest job.", "type": "string", "x-type": "duration", "x-attribute": true },
          "priority": { "description": "Higher is sooner.", "type": "integer", "x-attribute": true },
          "flags": { "type": "array", "x-type": "set", "items": { "type": "string" }, "x-attribute": true },
          "order": { "type": "array", "items": { "type": "string" }, "x-attribute": true },
          "hidden": { "type": "boolean", "x-attribute": true },
          "label": { "type": "string", "pattern": "^[a-z]+$", "description": "Lower-case letters." },
          "password": { "type": "string", "x-type": "text", "x-secret": true, "x-attribute": true }
        }
      }
    }
  },
  "definitions": {
    "directory": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "owner": { "$ref": "#/definitions/account" },
        "group": { "$ref": "#/definitions/account" },
        "mode": { "$ref": "#/definitions/mode" },
        "protect": { "description": "Never deleted.", "type": "boolean" },
        "ignore": { "description": "Not compared.", "type": "array",
                    "items": { "type": "string", "enum": ["owner", "group", "mode"] } },
        "detect_only": { "description": "Never mended.", "type": "boolean" }
      }
    },
    "account": { "description": "User or group.", "type": ["string", "integer"], "x-type": "account",
                 "x-attribute": true },
    "mode": { "description": "Permissions.", "type": "string", "x-type": "mode", "x-attribute": true }
  }
})json";

}  // namespace

ManifestFolder::ManifestFolder()
    : path_(std::filesystem::temp_directory_path() / "tidelock-manifest-XXXXXX"),
      before_(std::filesystem::current_path()) {
  std::string name = path_.native();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = std::filesystem::canonical(name);
  std::filesystem::current_path(path_);
}

ManifestFolder::~ManifestFolder() {
  std::error_code ignored;
  std::filesystem::current_path(before_, ignored);
  std::filesystem::remove_all(path_, ignored);
}

void ManifestFolder::write(std::string_view name, std::string_view text) const {
  const auto file = path_ / name;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

const Schema& file_schema() {
  static const Schema schema({parse_fragment(fragment_text)});
  return schema;
}

Loaded load(const std::string& name, const Schema& schema) {
  Diagnostics diagnostics;
  Loaded loaded{.manifest = load_manifest(name, schema, diagnostics), .messages = {}};
  loaded.messages = shown(diagnostics);
  return loaded;
}

Loaded load_text(std::string_view text, const Schema& schema) {
  const ManifestFolder folder;
  folder.write("cluster.yaml", text);
  return load("cluster.yaml", schema);
}

std::string messages_for(std::string_view text) {
  return load_text(fmt::format("tidelock: 1\ncluster: koo\nnodes: {{ n1: {{ type: compute }} }}\n{}", text))
      .messages;
}

std::string shown(const Diagnostics& diagnostics) {
  std::string text;
  for (const auto& one : diagnostics.sorted()) {
    const auto* severity = one.severity == Severity::warning ? "warning" : "error";
    text += fmt::format("{}{}{}: {}\n", to_string(one.at), one.at.known() ? ": " : "", severity, one.summary);
    if (!one.detail.empty()) text += fmt::format("  {}\n", one.detail);
    for (const auto& note : one.notes) text += fmt::format("  {}: {}\n", to_string(note.at), note.text);
  }
  return text;
}

std::string shown(const Node& node) {
  std::string text;
  if (const auto* scalar = node.scalar()) {
    const auto* tag = !scalar->secret                                ? ""
                      : *scalar->secret == SecretOrigin::environment ? "!env "
                      : *scalar->secret == SecretOrigin::file        ? "!file "
                                                                     : "!command ";
    return fmt::format("{}{}{}{}", tag, scalar->quoted ? "'" : "", scalar->text, scalar->quoted ? "'" : "");
  }
  if (node.is_null()) return "null";
  for (const auto& entry : node.entries())
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", entry.key, shown(entry.value));
  if (node.map() != nullptr) return "{" + text + "}";
  for (const auto& item : *node.sequence())
    text += fmt::format("{}{}", text.empty() ? "" : ", ", shown(item));
  return "[" + text + "]";
}

const Section* find_section(const Manifest& manifest, std::string_view name, std::string_view node_type) {
  const auto found = std::ranges::find_if(
      manifest.sections, [&](const Section& s) { return s.name == name && s.node_type == node_type; });
  return found == manifest.sections.end() ? nullptr : &*found;
}

}  // namespace tidelock::test
