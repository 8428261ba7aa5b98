#include "tests/property/hand.hpp"

#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/base/file.hpp"
#include "engine/base/text.hpp"

namespace tidelock::property {
namespace {

namespace fs = std::filesystem;

/// The folder of a path as a program in the chroot would find it, and the last part of the path.
class Place {
 public:
  Place(const fs::path& root, std::string_view path) {
    const FileDescriptor top(open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    const auto slash = path.find_last_of('/');
    const std::string folder(path.substr(0, slash == 0 ? 1 : slash));
    open_how how{};
    how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT;
    folder_ =
        FileDescriptor(static_cast<int>(syscall(SYS_openat2, top.get(), folder.c_str(), &how, sizeof how)));
    here_ = fs::path(fmt::format("/proc/self/fd/{}", folder_.get())) / path.substr(slash + 1);
  }

  [[nodiscard]] bool exists() const { return folder_.valid(); }
  [[nodiscard]] const fs::path& path() const { return here_; }
  /// Of what is there; 0 where nothing is.
  [[nodiscard]] mode_t type() const {
    struct stat status{};
    return lstat(here_.c_str(), &status) == 0 ? status.st_mode & S_IFMT : 0;
  }

 private:
  FileDescriptor folder_;
  fs::path here_;
};

void dress(const Place& place, const Edit& edit) {
  if (lchown(place.path().c_str(), edit.uid, edit.gid) != 0) return;
  if (place.type() != S_IFLNK) (void)::chmod(place.path().c_str(), edit.mode);
}

void write(const Place& place, const Edit& edit) {
  if (place.type() != S_IFREG && place.type() != 0) return;
  std::ofstream(place.path(), std::ios::binary) << edit.text;
  dress(place, edit);
}

void make_parents(const fs::path& root, std::string_view path) {
  for (auto slash = path.find('/', 1); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
    const Place parent(root, path.substr(0, slash));
    if (parent.exists() && parent.type() == 0) (void)mkdir(parent.path().c_str(), 0755);
  }
}

/// As an editor does it: another file in place of the old one.
void edit_lines(const Place& place, const Edit& edit) {
  std::ifstream in(place.path(), std::ios::binary);
  const std::string before(std::istreambuf_iterator<char>(in), {});
  std::string after;
  for (const auto line : split(before, '\n'))
    if (!line.empty() && (edit.what == Edit::What::add_line || !line.starts_with(edit.text)))
      (after += line) += '\n';
  const auto name = edit.text.substr(0, edit.text.find(':') + 1);
  if (edit.what == Edit::What::add_line && !('\n' + before).contains('\n' + name))
    (after += edit.text) += '\n';
  std::ofstream(place.path(), std::ios::binary) << after;
}

}  // namespace

void edit_by_hand(const fs::path& root, const Edit& edit) {
  using enum Edit::What;
  if (edit.what == Edit::What::write || edit.what == directory || edit.what == link || edit.what == fifo)
    make_parents(root, edit.path);
  const Place place(root, edit.path);
  if (!place.exists()) return;
  const auto& path = place.path();
  std::error_code error;
  if (edit.what == Edit::What::write) property::write(place, edit);
  if (edit.what == directory && mkdir(path.c_str(), 0755) == 0) property::dress(place, edit);
  if (edit.what == link) fs::create_symlink(edit.text, path, error);
  if (edit.what == hard_link && place.type() == S_IFREG) {
    const Place second(root, edit.text);
    if (second.exists()) fs::create_hard_link(path, second.path(), error);
  }
  if (edit.what == fifo) (void)mkfifo(path.c_str(), 0600);
  if (edit.what == remove) fs::remove_all(path, error);
  if (edit.what == mode && place.type() != S_IFLNK) (void)::chmod(path.c_str(), edit.mode);
  if (edit.what == owner) (void)lchown(path.c_str(), edit.uid, edit.gid);
  if (edit.what == touch) (void)utimensat(AT_FDCWD, path.c_str(), nullptr, AT_SYMLINK_NOFOLLOW);
  if (edit.what == add_line || edit.what == drop_lines) edit_lines(place, edit);
}

}  // namespace tidelock::property
