#include "engine/plan/standing.hpp"

#include <gmock/gmock.h>

namespace tidelock {
namespace {

std::shared_ptr<Declaration> declaration(std::string kind, std::string name) {
  auto made = std::make_shared<Declaration>();
  made->kind = std::move(kind);
  made->name = std::move(name);
  if (made->name.starts_with('/')) made->path = made->name;
  return made;
}

TEST(BlueprintOfThePast, PutsEverythingBehindWhatItStandsOn) {
  const auto service = declaration("service", "web");
  service->inputs = {{"file", "/etc/web/conf"}};
  const auto file = declaration("file", "/etc/web/conf");
  file->after = {{"user", "portal"}};
  const auto folder = declaration("directory", "/etc/web");
  const auto user = declaration("user", "portal");
  const auto blueprint = blueprint_of({service, file, folder, user});
  ASSERT_EQ(blueprint.items.size(), 4U);
  EXPECT_EQ(blueprint.items[0].declaration, folder);
  EXPECT_EQ(blueprint.items[1].declaration, user);
  EXPECT_EQ(blueprint.items[2].declaration, file);
  EXPECT_EQ(blueprint.items[3].declaration, service);
  EXPECT_THAT(blueprint.items[2].needs, testing::ElementsAre(0U, 1U));
  EXPECT_THAT(blueprint.items[3].needs, testing::ElementsAre(2U));
}

TEST(BlueprintOfThePast, LeavesTheOrderWhereNothingDependsOnIt) {
  const std::vector<DeclarationPtr> all{declaration("user", "b"), declaration("user", "a"),
                                        declaration("file", "/x")};
  const auto blueprint = blueprint_of(all);
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(blueprint.items[i].declaration, all[i]);
}

}  // namespace
}  // namespace tidelock
