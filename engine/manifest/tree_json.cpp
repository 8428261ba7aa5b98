#include "engine/manifest/tree_json.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace tidelock {
namespace {

using nlohmann::json;

constexpr std::size_t max_json_text = 4096;

std::string clipped(std::string_view text) { return std::string(text.substr(0, max_json_text)); }

std::string_view without_sign(std::string_view text) {
  return text.starts_with('-') || text.starts_with('+') ? text.substr(1) : text;
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_integer(std::string_view text) {
  const auto digits = without_sign(text);
  return all_digits(digits) && digits.size() <= 18 && (digits.size() == 1 || digits.front() != '0');
}

bool is_number(std::string_view text) {
  const auto digits = without_sign(text);
  const auto point = digits.find('.');
  return point != std::string_view::npos && digits.size() <= 18 && all_digits(digits.substr(0, point)) &&
         all_digits(digits.substr(point + 1));
}

template <class T>
T converted(std::string_view text) {
  T value{};
  if (text.starts_with('+')) text.remove_prefix(1);
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string_view json_type(ScalarType type) {
  switch (type) {
    case ScalarType::boolean:
      return "boolean";
    case ScalarType::integer:
      return "integer";
    case ScalarType::number:
      return "number";
    case ScalarType::text:
      break;
  }
  return "string";
}

bool wanted(const SchemaView& view, ScalarType type) {
  return std::ranges::any_of(view.parts(), [&](const json* part) {
    return has_type(*part, json_type(type)) || (type == ScalarType::integer && has_type(*part, "number"));
  });
}

json typed(std::string_view text, ScalarType type) {
  if (type == ScalarType::boolean) return text.front() == 't' || text.front() == 'T';
  if (type == ScalarType::integer) return converted<std::int64_t>(text);
  if (type == ScalarType::number) return converted<double>(text);
  return clipped(text);
}

}  // namespace

ScalarType scalar_type(const Node::Scalar& scalar) {
  if (scalar.quoted || scalar.secret) return ScalarType::text;
  for (const auto* word : {"true", "True", "TRUE", "false", "False", "FALSE"})
    if (scalar.text == word) return ScalarType::boolean;
  if (is_integer(scalar.text)) return ScalarType::integer;
  return is_number(scalar.text) ? ScalarType::number : ScalarType::text;
}

json scalar_json(const Node::Scalar& scalar, const SchemaView& view) {
  const auto type = scalar_type(scalar);
  const bool as_written = view.annotation("x-type") != nullptr && !wanted(view, type);
  return typed(scalar.text, as_written ? ScalarType::text : type);
}

json tree_json(const Node& tree, const SchemaView& view) {
  if (const auto* scalar = tree.scalar()) return scalar_json(*scalar, view);
  if (tree.map() != nullptr) {
    json object = json::object();
    for (const auto& entry : tree.entries())
      object.emplace(clipped(entry.key), tree_json(entry.value, view.value(entry.key)));
    return object;
  }
  if (const auto* list = tree.sequence()) {
    json array = json::array();
    const auto items = view.items();
    for (const auto& item : *list) array.push_back(tree_json(item, items));
    return array;
  }
  return nullptr;
}

}  // namespace tidelock
