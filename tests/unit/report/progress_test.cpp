#include "engine/report/progress.hpp"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidelock {
namespace {

using ::testing::HasSubstr;

std::string last_line(const std::string& drawn) { return drawn.substr(drawn.rfind("\x1b[K") + 3); }

HostObservation answer_of(const std::string& host) {
  HostObservation observation;
  observation.host = host;
  return observation;
}

TEST(Progress, CountsEveryHostAndNamesThoseItWaitsFor) {
  ::testing::internal::CaptureStderr();
  {
    Progress progress(Progress::Kind::terminal);
    progress.observing({"n1", "n2", "n3", "n4"});
    progress.observed(answer_of("n2"));
    progress.observed(answer_of("n1"));
    const auto drawn = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(last_line(drawn), "looking at hosts 2/4, waiting for n[3-4]");
    ::testing::internal::CaptureStderr();
  }
  EXPECT_EQ(last_line(::testing::internal::GetCapturedStderr()), "");
}

TEST(Progress, TellsNoRateFromWhatOnlyFilledBuffers) {
  ::testing::internal::CaptureStderr();
  Progress progress(Progress::Kind::terminal);
  progress.applying(1);
  std::this_thread::sleep_for(std::chrono::milliseconds(150));  // or it would not be drawn again
  progress.uploaded("n1", "send a.sif", 1'000'000, 4'000'000);
  const auto drawn = last_line(::testing::internal::GetCapturedStderr());
  EXPECT_THAT(drawn, HasSubstr("n1: 25% of 4.0 MB: send a.sif"));
}

}  // namespace
}  // namespace tidelock
