#include "providers/slurm/templates/expand.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/file.hpp"
#include "engine/base/text.hpp"
#include "engine/manifest/value_type.hpp"
#include "providers/common/keys.hpp"
#include "providers/slurm/templates/template.hpp"

namespace tidelock::slurm {
namespace {

namespace fs = std::filesystem;

/// A batch script is no program package; what is larger is another file by mistake.
constexpr std::uint64_t most_bytes = 1'000'000;

/// Paths that `from` puts below `folder`.
std::set<std::string> images_below(const std::string& folder, const fs::path& from) {
  std::set<std::string> images;
  const auto add = [&](const fs::path& image) {
    images.insert((folder == "/" ? "" : folder) + '/' + image.filename().native());
  };
  std::error_code error;
  if (!fs::is_directory(from, error)) {
    add(from);
    return images;
  }
  for (auto it = fs::directory_iterator(from, error); !error && it != fs::directory_iterator();
       it.increment(error))
    if (it->path().extension() == ".sif") add(it->path());
  return images;
}

/// Every image that the manifest puts on each node. What lies on shared file systems may have come there
/// otherwise.
ClusterImages images_of(const Manifest& manifest) {
  ClusterImages images;
  for (const auto& filesystem : manifest.filesystems) images.untold.push_back(filesystem.path);
  images.untold.emplace_back("/home");
  for (const auto& section : manifest.sections) {
    if (section.name != "images") continue;
    for (const auto& entry : section.body.entries()) {
      const auto* from = entry.value.find("from");
      if (from == nullptr) continue;
      const auto paths = images_below(entry.key, local_path(*from));
      for (const auto& host : section.hosts) images.on[host].insert(paths.begin(), paths.end());
    }
  }
  return images;
}

class TemplateExpander {
 public:
  TemplateExpander(const Section& section, const ExpandContext& context, Diagnostics& diagnostics)
      : body_(section.body),
        context_(context),
        diagnostics_(diagnostics),
        set_(std::make_shared<TemplateSet>()) {}

  std::vector<Placement> expand() && {
    const auto* templates = body_.find("job_templates");
    if (templates == nullptr) return {};
    for (const auto& entry : templates->entries()) add(entry);
    set_->images = images_of(context_.manifest);
    diagnostics_.append(check_jobs(set_->templates, ClusterFacts{}));
    return std::move(placements_);
  }

 private:
  void add(const Node::Entry& entry) {
    const auto& from = *entry.value.find("from");
    const auto path = local_path(from);
    auto text = read_file(path, most_bytes);
    if (!text) return diagnostics_.error(from.at(), text.error().summary, text.error().detail);
    auto file = std::make_shared<SourceFile>();
    file->name = (fs::path(from.at().file->name).parent_path() / from.text()).lexically_normal();
    file->directory = path.parent_path();
    file->text = *text;
    auto plan = std::make_shared<TemplatePlan>();
    plan->sha256 = sha256_hex(*text);
    plan->bytes = *std::move(text);
    plan->set = set_;
    set_->templates.push_back(
        {entry.key, read_job_script(std::move(file)), {}, parameters_of(entry.value), entry.key_at});
    if (const auto* user = entry.value.find("submit_as"))
      set_->templates.back().submit_as = lower_case(user->text());
    place(entry, std::move(plan));
  }

  void place(const Node::Entry& entry, std::shared_ptr<const TemplatePlan> plan) {
    auto declaration = std::make_shared<Declaration>();
    declaration->kind = template_kind;
    declaration->name = entry.key;
    declaration->path = entry.key;
    declaration->at = entry.key_at;
    declaration->asked_by = {"slurm"};
    declaration->protect = is_true(entry.value.find("protect"));
    declaration->attributes.set("source", "sha256:" + plan->sha256);
    declaration->attributes.set(template_fits, true);
    take(*declaration, entry.value, "owner", "account", "user");
    take(*declaration, entry.value, "group", "account", "group");
    take(*declaration, entry.value, "mode", "mode", "");
    declaration->payload = std::move(plan);
    placements_.push_back({std::move(declaration), hosts_of(entry.value)});
  }

  static void take(Declaration& declaration, const Node& body, std::string_view name, std::string_view type,
                   std::string_view account_kind) {
    const auto* node = body.find(name);
    if (node == nullptr || node->scalar() == nullptr) return;
    const auto value = value_type(type).parse({.text = node->text(), .quoted = node->scalar()->quoted});
    if (!value) return;
    declaration.attributes.set(name, *value);
    if (!account_kind.empty())
      declaration.after.push_back({std::string(account_kind), std::string(node->text())});
  }

  std::vector<std::string> hosts_of(const Node& body) {
    const auto* on = body.find("on");
    if (on == nullptr) on = body_.find("controllers");
    if (on == nullptr) return {};
    auto hosts = on->texts();
    if (body.find("on") == nullptr) hosts.resize(std::min<std::size_t>(hosts.size(), 1));
    std::erase_if(hosts, [&](const std::string& host) {
      if (context_.manifest.find_node(host) != nullptr) return false;
      if (body.find("on") != nullptr)
        diagnostics_.error(on->at(), "No such node", fmt::format("{} is not among `nodes`", shown(host)));
      return true;
    });
    return hosts;
  }

  static std::vector<Parameter> parameters_of(const Node& body) {
    std::vector<Parameter> parameters;
    const auto* node = body.find("parameters");
    if (node == nullptr) return parameters;
    for (const auto& entry : node->entries())
      parameters.push_back({entry.key, entry.value.texts(), entry.key_at});
    return parameters;
  }

  const Node& body_;
  const ExpandContext& context_;
  Diagnostics& diagnostics_;
  std::shared_ptr<TemplateSet> set_;
  std::vector<Placement> placements_;
};

}  // namespace

std::vector<Placement> expand_templates(const Section& section, const ExpandContext& context,
                                        Diagnostics& diagnostics) {
  return TemplateExpander(section, context, diagnostics).expand();
}

}  // namespace tidelock::slurm
