#include "providers/python/expand.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <system_error>

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/file.hpp"
#include "engine/base/text.hpp"
#include "engine/manifest/value_type.hpp"
#include "providers/common/keys.hpp"
#include "providers/python/venv.hpp"

namespace tidelock::python {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t requirements_limit = 1'000'000;
/// What may be in the path of an environment, and in the name of a wheel: both end up in places that have no
/// quotes.
constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._+@-";

bool is_plain(std::string_view text) { return text.find_first_not_of(plain) == std::string_view::npos; }

/// What a line of requirements needs besides the file itself.
bool needs_other_files(std::string_view line) {
  constexpr std::array options{"-r", "-c", "-e", "--requirement", "--constraint", "--editable", ".", "/"};
  return std::ranges::any_of(options, [&](std::string_view option) { return line.starts_with(option); });
}

/// The accounts and packages that come before it, where the same host has them.
std::vector<ResourceKey> needed_by(const Attributes& attributes) {
  std::vector<ResourceKey> needed{{"package", "python3"}, {"package", "python3-venv"}};
  for (const auto& [kind, attribute] : {std::pair("user", "owner"), std::pair("group", "group")}) {
    const auto name = attributes.text(attribute);
    if (name.find_first_not_of("0123456789") != std::string_view::npos)
      needed.push_back({kind, std::string(name)});
  }
  return needed;
}

std::shared_ptr<Declaration> declaration_of(const std::string& path, Attributes attributes) {
  auto declaration = std::make_shared<Declaration>();
  declaration->kind = "python_venv";
  declaration->name = path;
  declaration->path = path;
  declaration->after = needed_by(attributes);
  declaration->attributes = std::move(attributes);
  return declaration;
}

class VenvExpander {
 public:
  VenvExpander(const Section& section, SourceDigests& digests, Diagnostics& diagnostics)
      : section_(section), digests_(digests), diagnostics_(diagnostics) {}

  std::vector<Placement> expand() && {
    for (const auto& entry : section_.body.entries()) add(entry);
    return std::move(placements_);
  }

 private:
  void add(const Node::Entry& entry) {
    if (entry.key == "/" || !is_plain(entry.key))
      return diagnostics_.error(
          entry.key_at, "Path cannot be that of a Python environment",
          "it ends up in the first lines of programs, so it may hold letters, digits and "
          "/ . _ + @ - only");
    if (const auto* python = entry.value.find("python"); python != nullptr && !is_plain(python->text()))
      return diagnostics_.error(
          python->at(), "Path cannot be that of an interpreter",
          "it ends up in the first lines of programs, so it may hold letters, digits and "
          "/ . _ + @ - only");
    auto venv = std::make_shared<Venv>();
    const bool whole = read_requirements(*entry.value.find("requirements"), *venv) &&
                       read_wheels(entry.value.find("wheels"), *venv) && read_index(entry, *venv);
    if (!whole) return;
    auto declaration = declaration_of(
        entry.key,
        {{"group", read(entry, "group", "account", "root")},
         {"owner", read(entry, "owner", "account", "root")},
         {"python", read(entry, "python", "path", "/usr/bin/python3")},
         {"requirements", "sha256:" + sha256_hex(venv->requirements)},
         {"state", std::string(ready)},
         {"wheels", venv->wheels.empty() ? std::string("not-brought") : "sha256:" + venv->wheels_sha256}});
    declaration->at = entry.key_at;
    declaration->asked_by = {fmt::format("node type {}", section_.node_type)};
    declaration->protect = is_true(entry.value.find("protect"));
    declaration->detect_only = is_true(entry.value.find("detect_only"));
    declaration->payload = std::move(venv);
    placements_.push_back({std::move(declaration), section_.hosts});
  }

  static std::string read(const Node::Entry& entry, std::string_view name, std::string_view type,
                          std::string_view otherwise) {
    const auto* node = entry.value.find(name);
    if (node == nullptr || node->scalar() == nullptr) return std::string(otherwise);
    const auto value = value_type(type).parse({node->text(), node->scalar()->quoted});
    const auto* text = value ? std::get_if<std::string>(&*value) : nullptr;
    return text == nullptr ? std::string(otherwise) : *text;
  }

  bool complain(const Node& node, std::string summary, std::string detail) {
    diagnostics_.error(node.at(), std::move(summary), std::move(detail));
    return false;
  }

  bool read_requirements(const Node& node, Venv& venv) {
    auto text = read_file(local_path(node), requirements_limit);
    if (!text) return complain(node, text.error().summary, text.error().detail);
    venv.requirements = std::move(*text);
    std::size_t number = 0;
    for (const auto line : split(venv.requirements, '\n')) {
      ++number;
      if (needs_other_files(trim(line)))
        return complain(
            node, "Requirements need other files",
            fmt::format("{}:{}: {} would be looked for on the host; write it out, or bring it as a wheel",
                        shown(local_path(node).native()), number, shown(trim(line))));
    }
    return true;
  }

  bool read_index(const Node::Entry& entry, Venv& venv) {
    const auto* node = entry.value.find("index_url");
    if (node == nullptr) return true;
    venv.index_url = node->text();
    if (!venv.wheels.empty())
      return complain(*node, "No index is asked where wheels are brought", "keep `wheels` or `index_url`");
    if (venv.index_url.contains('@'))
      return complain(*node, "Credentials do not belong into the index's address",
                      "everybody on the host could read them; put them into its /etc/pip.conf or netrc");
    return true;
  }

  bool read_wheels(const Node* node, Venv& venv) {
    if (node == nullptr) return true;
    venv.wheels = local_path(*node);
    std::error_code error;
    std::map<std::string, std::string> digests;
    for (auto it = fs::directory_iterator(venv.wheels, error); !error && it != fs::directory_iterator();
         it.increment(error)) {
      const auto name = it->path().filename().native();
      if (!name.ends_with(".whl")) {
        venv.left_out.push_back(name);
        continue;
      }
      const auto known = digests_.digest(it->path());
      if (!known) return complain(*node, known.error().summary, known.error().detail);
      if (!is_plain(name) || it->is_symlink())
        return complain(
            *node, "Wheel cannot be brought",
            fmt::format("{} is a symbolic link, or has a name that no wheel can have", shown(name)));
      digests.emplace("./" + name, known->sha256);
      venv.wheels_size += known->identity.size;
    }
    if (error)
      return complain(*node, "Cannot read source",
                      fmt::format("{}: {}", shown(venv.wheels.native()), error.message()));
    if (digests.empty())
      return complain(*node, "There are no wheels",
                      fmt::format("{} holds no .whl file; is it mounted?", shown(venv.wheels.native())));
    Sha256 all;
    for (const auto& [name, digest] : digests) all.add(digest + "  " + name + '\0');
    venv.wheels_sha256 = std::move(all).hex();
    return true;
  }

  const Section& section_;
  SourceDigests& digests_;
  Diagnostics& diagnostics_;
  std::vector<Placement> placements_;
};

}  // namespace

std::vector<Placement> expand_venvs(const Section& section, SourceDigests& digests,
                                    Diagnostics& diagnostics) {
  return VenvExpander(section, digests, diagnostics).expand();
}

DeclarationPtr recall_venv(const ResourceKey& key, const Attributes& attributes) {
  return declaration_of(key.name, attributes);
}

}  // namespace tidelock::python
