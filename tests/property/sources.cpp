#include "tests/property/sources.hpp"

#include <cstdlib>
#include <fstream>
#include <utility>

#include <fmt/format.h>

namespace tidelock::property {
namespace {

namespace fs = std::filesystem;

void put(const fs::path& path, std::string_view bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

/// The least that passes for a Singularity image.
std::string image(std::string_view inside) {
  constexpr std::size_t magic_at = 32;
  constexpr std::size_t offset_at = 112;
  constexpr std::size_t size_at = 120;
  constexpr std::size_t header_size = 128;
  constexpr unsigned byte = 256;
  std::string bytes(header_size, '\0');
  bytes.replace(magic_at, 10, std::string("SIF_MAGIC\0", 10));
  bytes[offset_at] = static_cast<char>(header_size);
  bytes[size_at] = static_cast<char>(inside.size() % byte);
  bytes[size_at + 1] = static_cast<char>(inside.size() / byte);
  return bytes.append(inside);
}

}  // namespace

Sources::Sources(fs::path folder) : folder_(std::move(folder)) {
  for (const auto* name : {"one.txt", "two.bin", "one.sif", "images", "tree", "secret"}) write(name);
}

void Sources::renew(const std::string& name) {
  ++versions_[name];
  write(name);
}

void Sources::write(const std::string& name) const {
  const auto known = versions_.find(name);
  const int version = known == versions_.end() ? 0 : known->second;
  const auto text = fmt::format("version {}\n", version);
  if (name == "one.txt") put(folder_ / name, "first\n" + text);
  if (name == "two.bin") put(folder_ / name, std::string("\0\xff\r\n", 4) + text);
  if (name == "one.sif") put(folder_ / name, image(text));
  if (name == "images") {
    put(folder_ / "images/two.sif", image("two " + text));
    if (version % 2 == 0) put(folder_ / "images/-3 $x.sif", image("three " + text));
    if (version % 2 != 0) fs::remove(folder_ / "images/-3 $x.sif");
  }
  if (name == "tree") {
    put(folder_ / "tree/index", text);
    put(folder_ / "tree/bin/run $(x)", "#!/bin/sh\n");
    fs::permissions(folder_ / "tree/bin/run $(x)", fs::perms::owner_exec, fs::perm_options::add);
    put(folder_ / "tree/bin/old.log", text);
    if (!fs::is_symlink(folder_ / "tree/link")) fs::create_symlink("bin", folder_ / "tree/link");
  }
  if (name != "secret") return;
  put(folder_ / name, "s3cret " + text);
  setenv("TIDELOCK_PROPERTY_SECRET", ("environment " + text).c_str(), 1);
}

}  // namespace tidelock::property
