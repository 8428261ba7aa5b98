#include "engine/apply/history.hpp"

#include <gmock/gmock.h>

namespace tidelock {
namespace {

HistoryRecord record(std::string name, const char* mode) {
  HistoryRecord made{.key = {.kind = "file", .name = std::move(name)},
                     .action = "update",
                     .before = {},
                     .inputs = {},
                     .kept = {}};
  if (mode != nullptr) made.before = Attributes{{"mode", mode}};
  return made;
}

TEST(History, TheOldestRecordSinceARunCounts) {
  const std::vector<HistoryRun> runs{{"1", "", {record("/a", "0001")}},
                                     {"2", "", {record("/a", "0002"), record("/b", nullptr)}},
                                     {"3", "", {record("/a", "0003"), record("/b", "0003")}}};
  const auto state = state_before(runs, "2");
  ASSERT_EQ(state.size(), 2U);
  EXPECT_EQ(state[0].before, (Attributes{{"mode", "0002"}}));
  EXPECT_EQ(state[1].before, std::nullopt);
  EXPECT_EQ(state_before(runs, "4").size(), 0U);
}

TEST(History, ALineTellsWhatWasThereAndWhatIsKept) {
  auto declaration = std::make_shared<Declaration>();
  declaration->kind = "file";
  declaration->name = "/x";
  Change change;
  change.declaration = declaration;
  change.action = Action::update;
  change.before = Attributes{{"content", Hidden{"5ec"}}, {"mode", "0600"}};
  change.before_images = {{"/x", 3}, {"/y", 4}};
  const Change* const changes[] = {&change};
  const auto entry = history_entry(changes, "r", "me", 7);
  EXPECT_THAT(entry.lines, testing::HasSubstr("\"before\":{\"content\":\"(secret)\",\"mode\":\"0600\"}"));
  EXPECT_THAT(entry.lines, testing::HasSubstr(R"("kept":{"/x":"7","/y":"7.1"})"));
  EXPECT_THAT(entry.lines, testing::HasSubstr("\"secrets\":{\"content\":\"5ec\"}"));
  EXPECT_THAT(entry.keep, testing::ElementsAre("/x", "7", "/y", "7.1"));
  EXPECT_THAT(entry.lines, testing::Not(testing::HasSubstr("holder")));
  EXPECT_THAT(history_entry(changes, "r", "me", 0).lines,
              testing::StartsWith("{\"holder\":\"me\",\"run\":\"r\"}\n"));
}

}  // namespace
}  // namespace tidelock
