#include "tests/property/isolation.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/base/file.hpp"

namespace tidelock::property {
namespace {

[[noreturn]] void give_up(std::string_view what) {
  fmt::print(
      stderr,
      "cannot {}: {}\nThese tests make file systems and give files to several users, so they need root, "
      "and a machine or container that lets root mount.\n",
      what, errno_text(errno));
  std::_Exit(1);
}

int status_of(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// The first process of the namespace: it takes in orphans, and with it all others end.
[[noreturn]] void be_first(const std::function<int()>& work) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) give_up("have mounts of its own");
  if (mount("proc", "/proc", "proc", 0, nullptr) != 0) give_up("mount /proc");
  if (mount("tmpfs", memory, "tmpfs", 0, "mode=0755") != 0) give_up("mount a file system in memory");
  const pid_t worker = fork();
  if (worker < 0) give_up("start a process");
  if (worker == 0) std::exit(work());
  int status = 0;
  for (pid_t ended = 0; ended != worker;) ended = wait(&status);
  std::_Exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

}  // namespace

int in_isolation(const std::function<int()>& work) {
  if (unshare(CLONE_NEWNS | CLONE_NEWPID) != 0) give_up("separate mounts and processes");
  const pid_t first = fork();
  if (first < 0) give_up("start a process");
  if (first == 0) be_first(work);
  return status_of(first);
}

}  // namespace tidelock::property
