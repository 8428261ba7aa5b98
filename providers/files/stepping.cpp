#include "providers/files/stepping.hpp"

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/text.hpp"
#include "providers/common/files.sh.hpp"
#include "providers/files/payload.hpp"
#include "providers/files/steps.sh.hpp"

namespace tidelock::files {
namespace {

using embedded::common_files_sh;
using embedded::files_steps_sh;

constexpr std::chrono::seconds install_limit{1800};  // hashing and syncing some GB on a slow disk
constexpr std::chrono::hours upload_limit{24};
constexpr std::string_view leave = "-";

std::string folder_of(std::string_view path) {
  const auto slash = path.find_last_of('/');
  return slash == 0 ? "/" : std::string(path.substr(0, slash));
}

/// Owner, group and mode for a script. What is created gets what the manifest leaves open from `defaults`. Of
/// what is there only what differs is set: chown(2) takes setuid and setgid bits away, whoever the old owner
/// was.
struct Dress {
  std::string owner, group, mode;
};

bool sets(const Change& change, const std::string& attribute) {
  const auto differs = [&](const char* name) { return holds(change.changed, std::string(name)); };
  if (change.declaration->ignore.contains(attribute)) return false;
  return differs(attribute.c_str()) || (attribute == "mode" && (differs("owner") || differs("group")));
}

Dress dress(const Change& change, std::string_view default_mode) {
  const auto& attributes = change.declaration->attributes;
  const bool fresh = change.action == Action::create;
  const auto pick = [&](const std::string& name, std::string_view when_new) {
    const auto text = fresh || sets(change, name) ? attributes.text(name) : std::string_view{};
    return std::string(!text.empty() ? text : fresh ? when_new : leave);
  };
  return {pick("owner", "root"), pick("group", "root"), pick("mode", default_mode)};
}

bool content_differs(const Change& change) {
  return holds(change.changed, std::string("content")) || holds(change.changed, std::string("source")) ||
         holds(change.changed, std::string("sha256"));
}

/// The digest of the file that is there, as it was seen. That of an image is not always known.
std::string seen_digest(const Change& change) {
  if (!change.before) return "none";
  for (const auto* name : {"content", "source"}) {
    const auto* value = change.before->find(name);
    if (value == nullptr) continue;
    if (const auto* hidden = std::get_if<Hidden>(value)) return hidden->sha256;
    return std::string(change.before->text(name).substr(std::string_view("sha256:").size()));
  }
  return std::string(leave);
}

class Stepper {
 public:
  Stepper(std::span<const Change* const> changes, const StepContext& context)
      : changes_(changes), context_(context) {}

  std::vector<Step> steps() && {
    for (std::size_t i = 0; i < changes_.size(); ++i)
      if (!uploads(*changes_[i])) add_script(i);
    for (std::size_t i = 0; i < changes_.size(); ++i)
      if (uploads(*changes_[i])) add_upload(i);
    return std::move(steps_);
  }

 private:
  static bool uploads(const Change& change) {
    const auto* content = content_of(*change.declaration);
    return content != nullptr && !content->bytes && content->kept.empty() &&
           (change.action == Action::create || content_differs(change));
  }

  void add_script(std::size_t i) {
    const auto& change = *changes_[i];
    const auto& path = *change.declaration->path;
    if (change.action == Action::remove)
      return add(i, fmt::format("delete {}", shown(path)),
                 Script(common_files_sh, "files_delete")
                     .argument(path)
                     .argument(change.declaration->kind)
                     .argument(seen_digest(change)));
    if (change.declaration->kind == "directory" && change.action == Action::create)
      return add(i, fmt::format("make directory {}", shown(path)),
                 dressed("files_make_directory", {path}, change, "0755"));
    const auto* content = content_of(*change.declaration);
    if (content != nullptr && (change.action == Action::create || content_differs(change))) {
      if (!content->kept.empty())
        return add(i, fmt::format("bring back {}", shown(path)),
                   dressed("files_restore", {path, content->sha256, seen_digest(change), content->kept},
                           change, "0644"));
      auto script = dressed("files_put", {path, content->sha256, seen_digest(change)}, change, "0644");
      return add(i, fmt::format("write {}", shown(path)), std::move(script).input(content->bytes->reveal()));
    }
    const auto* type = change.declaration->kind == "directory" ? "directory" : "file";
    add(i, fmt::format("set attributes of {}", shown(path)),
        dressed("files_dress_open", {path, type}, change, "0644"));
  }

  /// Staging folders of all uploads into one folder, so that the scripts there leave each other's alone.
  [[nodiscard]] std::vector<std::string> stages_in(const std::string& folder) const {
    std::vector<std::string> stages;
    for (std::size_t i = 0; i < changes_.size(); ++i)
      if (uploads(*changes_[i]) && folder_of(*changes_[i]->declaration->path) == folder)
        stages.push_back(stage_of(i));
    return stages;
  }

  /// Beside the destination, so that the rename stays on one file system; the name is the same at the next
  /// try.
  [[nodiscard]] std::string stage_of(std::size_t i) const {
    constexpr std::size_t enough = 12;
    return ".tidelock-stage-" + sha256_hex(name_of(i)).substr(0, enough);
  }

  [[nodiscard]] std::string name_of(std::size_t i) const {
    const auto& path = *changes_[i]->declaration->path;
    return path.substr(path.find_last_of('/') + 1);
  }

  void add_upload(std::size_t i) {
    const auto& change = *changes_[i];
    const auto& path = *change.declaration->path;
    const auto& content = *content_of(*change.declaration);
    const auto folder = folder_of(path);
    Script stage(files_steps_sh, "files_stage");
    stage.with(common_files_sh);
    stage.argument(folder).argument(context_.login_user).argument(stage_of(i)).argument(name_of(i));
    for (const auto& other : stages_in(folder)) stage.argument(other);
    add(i, fmt::format("make room for {}", shown(path)), std::move(stage));
    steps_.push_back({{i},
                      fmt::format("send {}", shown(path)),
                      upload_limit,
                      UploadStep{content.source, content.size, name_of(i),
                                 (folder == "/" ? "" : folder) + '/' + stage_of(i), folder}});
    auto install = dressed("files_install", {path, stage_of(i), content.sha256}, change, "0644");
    steps_.push_back(
        {{i}, fmt::format("install {}", shown(path)), install_limit, ScriptStep{std::move(install)}});
  }

  static Script dressed(ShellText function, const std::vector<std::string>& arguments, const Change& change,
                        std::string_view default_mode) {
    Script script(files_steps_sh, function);
    script.with(common_files_sh);
    for (const auto& argument : arguments) script.argument(argument);
    const auto [owner, group, mode] = dress(change, default_mode);
    script.argument(owner).argument(group).argument(mode);
    return script;
  }

  void add(std::size_t i, std::string what, Script script) {
    steps_.push_back({{i}, std::move(what), std::chrono::seconds(60), ScriptStep{std::move(script)}});
  }

  std::span<const Change* const> changes_;
  const StepContext& context_;
  std::vector<Step> steps_;
};

}  // namespace

std::vector<Step> steps_for(std::span<const Change* const> changes, const StepContext& context) {
  return Stepper(changes, context).steps();
}

}  // namespace tidelock::files
