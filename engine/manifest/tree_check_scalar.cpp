#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/manifest/problems.hpp"
#include "engine/manifest/schema_view.hpp"
#include "engine/manifest/tree_check.hpp"
#include "engine/manifest/tree_json.hpp"
#include "engine/manifest/value_type.hpp"

namespace tidelock {
namespace {

using nlohmann::json;

/// The value type of a scalar: the one that the schema names, or the one that stands for its JSON type.
std::string value_type_name(const json& schema) {
  if (const auto named = schema.find("x-type"); named != schema.end()) return named->get<std::string>();
  const auto type = schema.find("type");
  if (type != schema.end() && (*type == "boolean" || *type == "integer")) return type->get<std::string>();
  return {};
}

bool is_flagged(const json& schema, const char* annotation) {
  const auto found = schema.find(annotation);
  return found != schema.end() && found->is_boolean() && found->get<bool>();
}

/// Whether a scalar has one of the JSON types that a schema allows.
bool has_json_type(const Node::Scalar& scalar, const json& schema) {
  if (!schema.contains("type")) return true;
  switch (scalar_type(scalar)) {
    case ScalarType::boolean:
      return has_type(schema, "boolean");
    case ScalarType::integer:
      return has_type(schema, "integer") || has_type(schema, "number");
    case ScalarType::number:
      return has_type(schema, "number");
    case ScalarType::text:
      break;
  }
  return has_type(schema, "string");
}

std::string shown_json(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace

void TreeCheck::scalar(const Node& node, const json& schema, const Subject& subject) {
  const auto& written = *node.scalar();
  const bool secret_allowed = is_flagged(schema, "x-secret");
  if (written.secret && (secret_allowed || schema.contains("oneOf") || schema.contains("anyOf"))) return;
  if (written.secret) {
    report(node.at(), "Secret is not possible here",
           fmt::format("the value of {} is not kept secret, so that it cannot be a !env, !file or !command",
                       in_quotes(subject.name)));
    return;
  }
  if (const auto type = value_type_name(schema); !type.empty())
    typed_scalar(node, type, schema, subject);
  else if (!has_json_type(written, schema))
    wrong_type(node, schema, subject);
  else {
    choice(node, schema, subject);
    limits(node, schema, subject);
  }
}

void TreeCheck::typed_scalar(const Node& node, std::string_view name, const json& schema,
                             const Subject& subject) {
  const auto& type = value_type(name);
  const auto& written = *node.scalar();
  if (const auto value = type.parse({.text = written.text, .quoted = written.quoted}); !value) {
    report(node.at(), fmt::format("{} is not valid", type.title), value.error());
    return;
  }
  choice(node, schema, subject);
  limits(node, schema, subject);
}

void TreeCheck::choice(const Node& node, const json& schema, const Subject& subject) {
  const auto constant = schema.find("const");
  const auto several = schema.find("enum");
  if (constant == schema.end() && several == schema.end()) return;
  std::vector<std::string> possible;
  const auto value = scalar_json(*node.scalar(), SchemaView(schema_.document(), schema));
  const auto add = [&](const json& one) {
    possible.push_back(shown_json(one));
    return one == value;
  };
  bool found = constant != schema.end() && add(*constant);
  if (several != schema.end())
    for (const auto& one : *several) found = add(one) || found;
  if (!found)
    report(node.at(), "Value is not possible here",
           with_suggestion(node.text(), fmt::format("cannot be the value of {}", in_quotes(subject.name)),
                           possible, "possible are"));
}

void TreeCheck::limits(const Node& node, const json& schema, const Subject& subject) {
  const auto text = node.text();
  const auto least = schema.find("minimum");
  const auto most = schema.find("maximum");
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  const bool low = least != schema.end() && number < least->get<std::int64_t>();
  const bool high = most != schema.end() && number > most->get<std::int64_t>();
  if (low || high) {
    const auto range = most == schema.end() ? fmt::format("{} or more", least->get<std::int64_t>())
                       : least == schema.end()
                           ? fmt::format("{} or less", most->get<std::int64_t>())
                           : fmt::format("{} to {}", least->get<std::int64_t>(), most->get<std::int64_t>());
    report(node.at(), "Number is out of range",
           fmt::format("{} can be {}, not {}", in_quotes(subject.name), range, printable(text)));
  }
  if (const auto length = schema.find("minLength"); text.empty() && length != schema.end() && *length > 0)
    report(node.at(), "Text is empty", fmt::format("{} cannot be empty", in_quotes(subject.name)));
}

}  // namespace tidelock
