#include "engine/apply/claim.hpp"

#include <gtest/gtest.h>

namespace tidelock {
namespace {

using namespace std::chrono_literals;

ClaimFile held(std::chrono::seconds ago) {
  ClaimFile file{.claim = Claim{}, .renewed = 1000s, .now = 1000s + ago, .digest = "d"};
  file.claim->holder = this_process();
  return file;
}

TEST(Claim, IsFreeWhenNobodyHoldsIt) {
  EXPECT_TRUE(ClaimFile{}.is_free());
  EXPECT_FALSE(held(10s).is_free());
  EXPECT_TRUE(held(61s).is_free()) << "its lease ran out";
  auto released = held(1s);
  released.claim->released = true;
  EXPECT_TRUE(released.is_free());
}

TEST(Claim, IsFreeWhenItsHolderIsGone) {
  auto file = held(1s);
  file.claim->holder.start_time = "1";
  EXPECT_TRUE(file.is_free()) << "the pid belongs to another process now";
  file.claim->holder.boot_id = "elsewhere";
  EXPECT_FALSE(file.is_free()) << "what runs on another machine cannot be seen";
}

TEST(Claim, OneThatCannotBeReadIsSomebodys) {
  ClaimFile file{.claim = {}, .renewed = 1000s, .now = 1010s, .digest = "d"};
  EXPECT_FALSE(file.is_free());
  file.now = 1061s;
  EXPECT_TRUE(file.is_free());
}

}  // namespace
}  // namespace tidelock
