#include "engine/base/diagnostic.hpp"

#include <gtest/gtest.h>

namespace tidelock {
namespace {

std::shared_ptr<const SourceFile> file(std::string name, std::string text = {}) {
  return std::make_shared<const SourceFile>(
      SourceFile{.name = std::move(name), .directory = "/", .text = std::move(text)});
}

TEST(SourceFile, LinesComeWithoutTheirEnds) {
  const auto source = file("a.yaml", "one\ntwo\r\n\nfour");
  EXPECT_EQ(source->line(1), "one");
  EXPECT_EQ(source->line(2), "two");
  EXPECT_EQ(source->line(3), "");
  EXPECT_EQ(source->line(4), "four");
  EXPECT_EQ(source->line(5), "");
  EXPECT_EQ(source->line(0), "one");
}

TEST(Location, IsWrittenAsCompilersDo) {
  EXPECT_EQ(to_string(Location{.file = file("site/a.yaml"), .line = 14, .column = 9}), "site/a.yaml:14:9");
  EXPECT_EQ(to_string(Location{.file = file("a.yaml"), .line = 0, .column = 0}), "a.yaml");
  EXPECT_EQ(to_string(Location{}), "");
}

TEST(Diagnostics, AreSortedByFileAsFirstSeenThenByPlace) {
  const auto a = file("a");
  const auto b = file("b");
  Diagnostics all;
  all.error({.file = b, .line = 2, .column = 1}, "3");
  all.error({.file = a, .line = 9, .column = 9}, "4");
  all.error({.file = b, .line = 1, .column = 7}, "2");
  all.warning({.file = b, .line = 1, .column = 2}, "1");
  std::string order;
  for (const auto& one : all.sorted()) order += one.summary;
  EXPECT_EQ(order, "1234");
}

TEST(Diagnostics, WarningsAreNoErrors) {
  Diagnostics all;
  EXPECT_TRUE(all.empty());
  all.warning({}, "Mind this");
  EXPECT_FALSE(all.has_errors());
  Diagnostics more;
  more.error({}, "No");
  all.append(std::move(more));
  EXPECT_TRUE(all.has_errors());
  EXPECT_EQ(all.list().size(), 2U);
}

}  // namespace
}  // namespace tidelock
