#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace tidelock::testing {

inline std::string slurp(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Compares with the file that holds what is expected. With ACCEPT=1 in the environment it is written
/// instead, and the test counts as skipped: what was accepted still has to be read.
inline void expect_golden(const std::filesystem::path& expected, const std::string& actual) {
  if (std::getenv("ACCEPT") != nullptr) {
    std::ofstream(expected, std::ios::binary) << actual;
    GTEST_SKIP() << "accepted " << expected;
  }
  ASSERT_TRUE(std::filesystem::exists(expected)) << expected << " is missing; ACCEPT=1 writes it:\n"
                                                 << actual;
  EXPECT_EQ(slurp(expected), actual) << "differs from " << expected;
}

}  // namespace tidelock::testing
