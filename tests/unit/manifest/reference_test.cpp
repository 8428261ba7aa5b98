#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/manifest/reference_text.hpp"
#include "engine/manifest/value_type.hpp"
#include "tests/unit/manifest/support.hpp"

namespace tidelock::test {
namespace {

using testing::HasSubstr;

TEST(Reference, ItsExampleLoads) {
  EXPECT_THAT(reference_markdown(file_schema()), HasSubstr(std::string(reference_example)));
  EXPECT_EQ(load_text(reference_example).messages, "");
}

TEST(Reference, HasEverySectionAndValueType) {
  const auto text = reference_markdown(file_schema());
  for (const auto& [name, part] : file_schema().document().at("properties").items())
    EXPECT_THAT(text, HasSubstr("\n## `" + name + "`\n")) << name;
  for (const auto* name : {"extends", "directories", "files", "images"})
    EXPECT_THAT(text, HasSubstr("\n### `NAME." + std::string(name) + "`\n"));
  for (const auto& type : value_types()) EXPECT_THAT(text, HasSubstr("\n| " + std::string(type.name) + " |"));
}

TEST(Reference, RowsSayTypeMeaningAndExample) {
  const auto text = reference_markdown(file_schema());
  EXPECT_THAT(
      text,
      HasSubstr(
          "| `become` | `none` or `sudo` | How the login user becomes root. With `none` everything is done "
          "as the login user. Default: `none`. | `sudo` |\n"));
  EXPECT_THAT(
      text,
      HasSubstr("| `type` | [name](#value-types) | The node type: one of those under `node_types`. Needed. | "
                "`compute` |\n"));
  EXPECT_THAT(text, HasSubstr("| `gres` | map of [integer](#value-types) |"));
  EXPECT_THAT(text, HasSubstr("| `max_deletions.percent` | [integer](#value-types) |"));
  EXPECT_THAT(text, HasSubstr("| `content` | [text](#value-types) or a secret | The content. |  |\n"));
  EXPECT_THAT(text, HasSubstr("| `ignore` | list of `owner` or `group` or `mode` | Not compared. |  |\n"));
}

/// The examples in the schema are taken by the schema.
TEST(Reference, ExamplesOfSectionsLoad) {
  const auto text = reference_markdown(file_schema());
  std::size_t examples = 0;
  for (auto at = text.find("\n### `NAME."); at != std::string::npos; at = text.find("\n### `NAME.", at + 1)) {
    const auto begin = text.find("```yaml\n", at);
    const auto next = text.find("\n##", at + 1);
    if (begin == std::string::npos || begin > next) continue;
    const auto body = text.substr(begin + 8, text.find("```", begin + 8) - begin - 8);
    if (body.starts_with("extends")) continue;
    ++examples;
    EXPECT_EQ(messages_for("node_types:\n  compute:\n    " + body), "") << body;
  }
  EXPECT_GE(examples, 1U);
}

TEST(Reference, TableCellsStayInTheirTable) {
  const SchemaFragment fragment{
      .node_type = {{"x",
                     {{"type", "object"},
                      {"description", "X."},
                      {"properties", {{"a", {{"type", "string"}, {"description", "one | two\nthree"}}}}}}}},
      .cluster = nlohmann::json::object(),
      .definitions = nlohmann::json::object()};
  EXPECT_THAT(reference_markdown(Schema({fragment})), HasSubstr("| `a` | text | one \\| two three |  |\n"));
}

}  // namespace
}  // namespace tidelock::test
