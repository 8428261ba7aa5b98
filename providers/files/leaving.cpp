#include "providers/files/leaving.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/text.hpp"
#include "providers/files/payload.hpp"

namespace tidelock::files {
namespace {

/// What it holds, so that it can be known again when it is to come back.
void add_content(Attributes& present, const Declaration& declaration, const std::string& digest) {
  if (declaration.kind == "image") return present.set("sha256", digest);
  const auto* content = content_of(declaration);
  const auto* name = declaration.attributes.find("source") != nullptr ? "source" : "content";
  const bool secret = content != nullptr && content->secret;
  present.set(name, secret ? Value(Hidden{digest}) : "sha256:" + digest);
}

/// A directory changes when what is in it goes before it does.
std::string fingerprint_of(const Declaration& declaration, const PathStat& stat) {
  const auto bytes = declaration.kind == "directory"
                         ? std::string()
                         : fmt::format("{} {} {}", stat.size, stat.modified, stat.changed);
  return sha256_hex(
      fmt::format("{:o} {} {} {} {} {}", stat.mode, stat.device, stat.inode, stat.uid, stat.gid, bytes));
}

}  // namespace

void LeavingReader::describe(Finding& finding, const Subject& subject, const PathStat& stat,
                             const std::optional<std::string>& digest) const {
  const auto& declaration = *subject.declaration;
  Attributes present{{"owner", stat.user}, {"group", stat.group}, {"mode", stat.permissions()}};
  if (digest) add_content(present, declaration, *digest);
  finding.observation = Present{std::move(present)};
  finding.fingerprint = fingerprint_of(declaration, stat);
  finding.obstacle = wrong_type(declaration, stat);
  if (finding.obstacle) return;
  if (declaration.kind == "directory")
    finding.obstacle = not_empty(declaration);
  else
    finding.before_images = {{*declaration.path, stat.size}};
  if (declaration.kind == "image" && answers_.holders)
    finding.obstacle = answers_.holders->pending(*declaration.path);
}

/// What goes with it does not count.
std::optional<Obstacle> LeavingReader::not_empty(const Declaration& declaration) const {
  const auto known = answers_.entries.find(*declaration.path);
  if (known == answers_.entries.end()) return std::nullopt;
  std::vector<std::string> stay;
  for (const auto& name : known->second)
    if (!leaves(*declaration.path + '/' + name)) stay.push_back(shown(name));
  if (stay.empty()) return std::nullopt;
  constexpr std::size_t enough = 3;
  const auto more = stay.size() > enough ? fmt::format(" and {} more", stay.size() - enough) : "";
  stay.resize(std::min(stay.size(), enough));
  return Obstacle{fmt::format("it is not empty: it holds {}{}", join(stay, ", "), more), {}};
}

bool LeavingReader::leaves(const std::string& path) const {
  return others_going_.contains(path) || std::ranges::any_of(subjects_, [&](const Subject& other) {
           return other.leaving && *other.declaration->path == path;
         });
}

}  // namespace tidelock::files
