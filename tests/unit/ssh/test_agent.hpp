#pragma once

#include <csignal>
#include <optional>
#include <thread>

#include "tests/unit/ssh/scratch.hpp"

namespace tidelock {

/// A real ssh-agent of one test's own.
class TestAgent {
 public:
  TestAgent() {
    const std::vector<std::string> command{"ssh-agent", "-D", "-a", socket()};
    auto child = ChildProcess::start(command);
    EXPECT_TRUE(child);
    if (child) child_.emplace(std::move(*child));
    for (int i = 0; i < 300 && !std::filesystem::exists(socket()); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }

  [[nodiscard]] std::filesystem::path socket() const { return folder_ / "agent"; }

  void add(const std::filesystem::path& key) const {
    run({"env", "SSH_AUTH_SOCK=" + socket().native(), "ssh-add", "-q", key});
  }

  void signal(int number) const {
    const auto pid = run({"pgrep", "-f", "ssh-agent -D -a " + socket().native()});
    kill(std::stoi(pid), number);
  }

 private:
  Scratch folder_;
  std::optional<ChildProcess> child_;
};

}  // namespace tidelock
