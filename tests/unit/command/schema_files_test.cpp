// What is committed for editors and readers is what the program composes.
#include <gtest/gtest.h>

#include "engine/manifest/schema.hpp"
#include "providers/context.hpp"
#include "tests/unit/golden.hpp"

namespace tidelock {
namespace {

const std::filesystem::path source = TIDELOCK_SOURCE_DIR;

Schema whole_schema() {
  const Registry registry(make_providers({"/nonexistent", false}));
  return Schema(registry.fragments());
}

TEST(SchemaFiles, ManifestSchemaIsWhatManifestsAreCheckedWith) {
  testing::expect_golden(source / "schemas" / "manifest.schema.json",
                         whole_schema().document().dump(2) + '\n');
}

TEST(SchemaFiles, ReferenceIsWrittenFromTheSchema) {
  testing::expect_golden(source / "docs" / "manifest.md", reference_markdown(whole_schema()));
}

/// Keys of an object that its schema does not know, or lacks.
void expect_members(const nlohmann::json& object, const nlohmann::json& schema) {
  for (const auto& [name, value] : object.items()) EXPECT_TRUE(schema["properties"].contains(name)) << name;
  for (const auto& name : schema["required"]) EXPECT_TRUE(object.contains(name.get<std::string>())) << name;
}

TEST(SchemaFiles, PlanSchemaDescribesPlans) {
  const auto schema = nlohmann::json::parse(testing::slurp(source / "schemas" / "plan.schema.json"));
  for (const auto* name : {"folded", "converged"}) {
    const auto text = testing::slurp(source / "tests" / "golden" / "plans" / name / "plan.json");
    const auto plan = nlohmann::json::parse(text.substr(0, text.rfind('}') + 1));
    expect_members(plan, schema);
    expect_members(plan["source"], schema["properties"]["source"]);
    expect_members(plan["summary"], schema["properties"]["summary"]);
    for (const auto& change : plan["resource_changes"]) {
      expect_members(change, schema["definitions"]["change"]);
      EXPECT_TRUE(schema["definitions"]["change"]["properties"]["actions"]["enum"].dump().contains(
          change["actions"].dump()));
    }
    for (const auto& unchecked : plan["unchecked"])
      expect_members(unchecked, schema["properties"]["unchecked"]["items"]);
  }
}

}  // namespace
}  // namespace tidelock
