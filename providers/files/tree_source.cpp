#include "providers/files/tree_source.hpp"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>
#include <sys/stat.h>

#include "engine/base/file.hpp"
#include "engine/base/text.hpp"

namespace tidelock::files {
namespace {

namespace fs = std::filesystem;

/// Whether a link stays inside, whatever other links are on its way: it may climb at its beginning only, and
/// no further than to the top.
bool stays_inside(std::string_view name, const std::string& target) {
  if (target.empty() || target.starts_with('/')) return false;
  auto depth = std::ranges::count(name, '/');
  bool climbing = true;
  for (const auto part : split(target, '/')) {
    if (part == "..") {
      if (!climbing || --depth < 0) return false;
    } else if (!part.empty() && part != ".") {
      climbing = false;
    }
  }
  return true;
}

class TreeReader {
 public:
  TreeReader(const fs::path& folder, std::vector<std::string> exclude, SourceDigests& digests)
      : digests_(digests) {
    tree_->folder = folder;
    tree_->exclude = std::move(exclude);
  }

  TreeSource read() && {
    walk("");
    std::ranges::sort(tree_->entries, {}, &TreeEntry::name);
    tree_->sha256 = tree_digest(tree_->entries);
    return {std::move(tree_), std::move(problems_)};
  }

 private:
  void walk(const std::string& folder) {
    std::error_code error;
    const auto path = folder.empty() ? tree_->folder : tree_->folder / folder;
    for (auto it = fs::directory_iterator(path, error); !error && it != fs::directory_iterator();
         it.increment(error)) {
      const auto name = it->path().filename().native();
      add(folder.empty() ? name : folder + '/' + name, it->path());
    }
    if (error) problem(folder, error.message());
  }

  void add(const std::string& name, const fs::path& path) {
    if (is_excluded(name, tree_->exclude)) return tree_->left_out.push_back(name);
    if (!is_utf8(name)) return problem(name, "its name is not UTF-8");
    struct stat info{};
    if (lstat(path.c_str(), &info) != 0) return problem(name, errno_text(errno));
    if (S_ISDIR(info.st_mode)) {
      tree_->entries.push_back({name, 'd', {}, 0});
      walk(name);
    } else if (S_ISREG(info.st_mode)) {
      add_file(name, path, (info.st_mode & S_IXUSR) != 0);
    } else if (S_ISLNK(info.st_mode)) {
      add_link(name, path);
    } else {
      problem(name, "it is no directory, regular file or symbolic link");
    }
  }

  void add_file(const std::string& name, const fs::path& path, bool program) {
    const auto known = digests_.digest(path);
    if (!known) return problem(name, known.error().detail);
    tree_->entries.push_back({name, program ? 'x' : 'f', known->sha256, known->identity.size});
    tree_->size += known->identity.size;
  }

  void add_link(const std::string& name, const fs::path& path) {
    std::error_code error;
    const auto target = fs::read_symlink(path, error).native();
    if (error) return problem(name, error.message());
    if (!stays_inside(name, target) || !is_utf8(target))
      return problem(
          name, fmt::format("this symbolic link leads, or may lead, out of the folder: {}", shown(target)));
    tree_->entries.push_back({name, 'l', target, 0});
  }

  void problem(const std::string& name, std::string_view why) {
    problems_.push_back(fmt::format("{}: {}", shown((tree_->folder / name).native()), why));
  }

  SourceDigests& digests_;
  std::shared_ptr<Tree> tree_ = std::make_shared<Tree>();
  std::vector<std::string> problems_;
};

}  // namespace

TreeSource read_tree(const fs::path& folder, std::vector<std::string> exclude, SourceDigests& digests) {
  return TreeReader(folder, std::move(exclude), digests).read();
}

}  // namespace tidelock::files
