#include "tests/property/transcript.hpp"

#include <array>
#include <cstdio>

#include <sys/mman.h>
#include <unistd.h>

namespace tidelock::property {

Transcript::Transcript()
    : file_(memfd_create("transcript", MFD_CLOEXEC)),
      output_(dup(STDOUT_FILENO)),
      errors_(dup(STDERR_FILENO)) {
  std::fflush(stdout);
  dup2(file_, STDOUT_FILENO);
  dup2(file_, STDERR_FILENO);
}

Transcript::~Transcript() {
  std::fflush(stdout);
  dup2(output_, STDOUT_FILENO);
  dup2(errors_, STDERR_FILENO);
  for (const int fd : {file_, output_, errors_}) close(fd);
}

std::string Transcript::text() const {
  std::fflush(stdout);
  std::string all;
  std::array<char, 65536> buffer{};
  for (ssize_t got = 0;
       (got = pread(file_, buffer.data(), buffer.size(), static_cast<off_t>(all.size()))) > 0;)
    all.append(buffer.data(), static_cast<std::size_t>(got));
  return all;
}

}  // namespace tidelock::property
