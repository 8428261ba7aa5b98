#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "engine/base/file.hpp"
#include "engine/base/process.hpp"

namespace tidelock {

/// A folder for one test.
class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "tidelock-test-XXXXXX").native();
    path_ = mkdtemp(name.data());
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

  std::filesystem::path write(std::string_view name, std::string_view text, unsigned mode = 0600) const {
    const auto file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    std::filesystem::permissions(file, static_cast<std::filesystem::perms>(mode));
    return file;
  }

 private:
  std::filesystem::path path_;
};

inline std::string content_of(const std::filesystem::path& file) {
  return read_file(file, std::uint64_t{1} << 30U).value_or("(cannot be read)");
}

/// Runs a program that must succeed; what it printed.
inline std::string run(const std::vector<std::string>& command) {
  const Cancellation cancel;
  const auto said = run_process(command, {}, Deadline::in(std::chrono::seconds(30)), cancel);
  EXPECT_TRUE(said && said->status == 0) << command.front() << (said ? said->errors : one_line(said.error()));
  return said ? said->output : std::string{};
}

/// A key pair of ssh-keygen, FILE and FILE.pub; without passphrase unless one is given.
inline std::filesystem::path make_key(const std::filesystem::path& file, const std::string& type,
                                      const std::string& passphrase = {},
                                      const std::vector<std::string>& more = {}) {
  std::vector<std::string> command{"ssh-keygen",    "-q", "-t", type, "-N", passphrase, "-C",
                                   file.filename(), "-f", file};
  command.insert(command.end(), more.begin(), more.end());
  if (type == "rsa") command.insert(command.end(), {"-b", "2048"});  // the quickest that sshd takes
  run(command);
  return file;
}

/// The first two words of FILE.pub: what known_hosts and authorized_keys want.
inline std::string public_half(const std::filesystem::path& key) {
  const auto text = content_of(key.native() + ".pub");
  return text.substr(0, text.find(' ', text.find(' ') + 1));
}

}  // namespace tidelock
