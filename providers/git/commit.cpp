#include "providers/git/commit.hpp"

#include <array>
#include <memory>

#include <git2.h>

namespace tidelock {
namespace {

template <auto Free>
struct Release {
  void operator()(auto* object) const { Free(object); }
};

using Repository = std::unique_ptr<git_repository, Release<git_repository_free>>;
using StatusList = std::unique_ptr<git_status_list, Release<git_status_list_free>>;

Repository open_around(const std::filesystem::path& folder) {
  git_repository* raw = nullptr;
  if (git_repository_open_ext(&raw, folder.c_str(), 0, nullptr) != 0) return nullptr;
  return Repository(raw);
}

bool differs(git_repository& repository, const std::filesystem::path& folder) {
  const char* root = git_repository_workdir(&repository);
  if (root == nullptr) return false;
  std::error_code error;
  auto inside = std::filesystem::relative(folder, std::filesystem::canonical(root, error), error).native();
  std::array<char*, 1> paths{inside.data()};
  git_status_options options = GIT_STATUS_OPTIONS_INIT;
  options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR;
  options.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED;
  if (inside != ".") options.pathspec = {paths.data(), paths.size()};
  git_status_list* raw = nullptr;
  if (git_status_list_new(&raw, &repository, &options) != 0) return false;
  const StatusList list(raw);
  return git_status_list_entrycount(list.get()) > 0;
}

}  // namespace

GitLibrary::GitLibrary() { git_libgit2_init(); }
GitLibrary::~GitLibrary() { git_libgit2_shutdown(); }

void add_commit(PlanSource& source) {
  std::error_code error;
  const auto folder = std::filesystem::canonical(source.manifest, error).parent_path();
  const auto repository = error ? nullptr : open_around(folder);
  git_oid head;
  if (repository == nullptr || git_reference_name_to_id(&head, repository.get(), "HEAD") != 0) return;
  std::array<char, GIT_OID_HEXSZ + 1> text{};
  source.commit = git_oid_tostr(text.data(), text.size(), &head);
  source.modified = differs(*repository, folder);
}

}  // namespace tidelock
