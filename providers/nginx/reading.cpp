#include "providers/nginx/reading.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/text.hpp"
#include "providers/nginx/configuration/statement.hpp"
#include "providers/nginx/names.hpp"
#include "providers/nginx/proof.hpp"

namespace tidelock::nginx {
namespace {

/// Upstreams first, then servers, then what stands in them.
int order_of(std::string_view kind) { return kind == upstream_kind ? 0 : kind == server_kind ? 1 : 2; }

std::string head_of(const Wish& wish) {
  if (wish.kind == upstream_kind) return "upstream " + spelt(wish.name);
  return wish.kind == server_kind ? "server" : "location " + wish.name;
}

std::string file_of(const Wish& wish) {
  if (wish.kind == upstream_kind) return std::string(upstreams_file);
  return wish.kind == server_kind ? server_file(wish.server) : locations_file(wish.server);
}

/// What is declared for the host and may yet bring nginx: a package, or the service that starts it.
std::vector<ResourceKey> bringers(std::span<const DeclarationPtr> declared, bool installed) {
  for (const auto& one : declared) {
    const bool package = one->kind == "package" && !installed && one->name.starts_with("nginx");
    const bool service = one->kind == "service" && installed && one->name == "nginx";
    if (package || service) return {{one->kind, one->name}};
  }
  return {};
}

bool holds_statements(const std::vector<std::string>& all, const std::vector<std::string>& beginning) {
  return all.size() >= beginning.size() && std::equal(beginning.begin(), beginning.end(), all.begin());
}

std::string key_of(const Declaration& declaration) { return declaration.kind + ' ' + declaration.name; }

}  // namespace

Reader::Reader(std::span<const Subject> subjects, std::shared_ptr<const Site> site,
               std::span<const DeclarationPtr> declared)
    : site_(std::move(site)), declared_(declared), tree_(site_->files, main_file), candidate_(*site_, tree_) {
  unanswered_ = find_reason();
  if (unanswered_ || !site_->installed) return;
  plan(subjects);
  prove();
}

void Reader::plan(std::span<const Subject> subjects) {
  std::vector<const Subject*> sorted;
  for (const auto& subject : subjects) sorted.push_back(&subject);
  std::ranges::stable_sort(sorted, {},
                           [](const Subject* subject) { return order_of(subject->declaration->kind); });
  for (const auto* subject : sorted)
    if (subject->leaving && !subject->stays) candidate_.remove(wish_of(*subject->declaration));
  for (const auto* subject : sorted) {
    if (subject->leaving) continue;
    Planned planned{.wish = wish_of(*subject->declaration), .obstacle = {}, .lost = false};
    const auto there = living(planned.wish);
    const bool of_others = there.block != nullptr && there.file != file_of(planned.wish);
    const bool stays = of_others && (planned.wish.stands_in.empty() || planned.wish.stands_in == there.file);
    if (!stays) planned.obstacle = candidate_.put(planned.wish);
    planned_.emplace(key_of(*subject->declaration), std::move(planned));
  }
  candidate_.settle();
}

/// With everything in its place, as the whole will be.
void Reader::prove() {
  connections_ = count_connections();
  const Tree tree(candidate_.files(), main_file);
  for (auto& [name, planned] : planned_)
    if (!planned.obstacle) prove(planned, tree);
}

void Reader::prove(Planned& planned, const Tree& tree) {
  const auto& wish = planned.wish;
  if (wish.kind == location_kind) {
    auto proof = nginx::prove(tree, *site_, wish);
    planned.lost = !proof.lost.empty();
    if (planned.lost) planned.obstacle = Obstacle{std::move(proof.lost), {}};
    std::ranges::move(proof.remarks, std::back_inserter(remarks_));
  } else if (const auto file = file_of(wish); candidate_.files().contains(file) && !tree.includes(file)) {
    planned.obstacle = Obstacle{
        fmt::format("nginx does not read {}: nothing in the http block of {} includes it", file, main_file),
        {}};
  }
}

std::optional<std::string> Reader::find_reason() const {
  if (!site_->answered) return "the host gave no answer about nginx";
  if (!site_->installed) return std::nullopt;
  if (site_->too_many)
    return "nginx has more than a thousand files of configuration, or more than 20 MB of it";
  for (const auto& [path, why] : site_->odd) return fmt::format("{}: {}", printable(path), why);
  if (!tree_.problems().empty())
    return fmt::format("nginx's configuration cannot be read: {}", tree_.problems().front());
  for (const auto& [pattern, place] : tree_.patterns())
    if (!site_->patterns.contains(pattern))
      return fmt::format("{}: the host did not see this include line; write it on one line of its own",
                         place);
  return std::nullopt;
}

Reader::Living Reader::block_in(const std::string& file, const std::string& head) const {
  Living living{.block = nullptr, .file = file, .text = {}};
  const auto found = site_->files.find(file);
  if (found == site_->files.end()) return living;
  auto text = parse(found->second);
  if (!text) return living;
  living.text = std::make_unique<Text>(*std::move(text));
  living.block = find_block(living.text->directives, head);
  return living;
}

Reader::Living Reader::living(const Wish& wish) const {
  auto ours = block_in(file_of(wish), head_of(wish));
  if (ours.block != nullptr || wish.kind == server_kind) return ours;
  if (wish.kind == upstream_kind) {
    const auto others = upstreams_of(tree_, wish.name);
    return others.empty() ? std::move(ours) : block_in(std::string(others.front()->file), head_of(wish));
  }
  auto inside = block_in(wish.file, "");
  if (inside.text == nullptr) return ours;
  const auto server = find_server(*inside.text, wish.file, wish.match);
  inside.block = server ? find_block((*server)->children, head_of(wish)) : nullptr;
  return inside.block == nullptr ? std::move(ours) : std::move(inside);
}

Finding Reader::finding(const Subject& subject) const {
  const auto& declaration = *subject.declaration;
  Finding finding;
  finding.payload = site_;
  if (unanswered_) {
    finding.observation = Unknown{*unanswered_};
    return finding;
  }
  const auto wish = wish_of(declaration);
  if (subject.leaving) {
    finding = leaving(wish);
  } else if (!site_->installed) {
    finding.observation = Absent{};
    finding.fingerprint = fingerprint(wish, {});
    finding.obstacle = Obstacle{"nginx is not installed", bringers(declared_, false)};
  } else {
    const auto there = living(wish);
    finding.fingerprint = fingerprint(wish, there);
    finding.obstacle = obstacle(declaration);
    finding.text_diff = text_diff(wish);
    if (there.block == nullptr)
      finding.observation = Absent{};
    else
      finding.observation = Present{attributes(declaration, wish, there)};
  }
  finding.payload = site_;
  finding.before_images = before_images(wish);
  finding.disturbs = disturbances();
  return finding;
}

Finding Reader::leaving(const Wish& wish) const {
  Finding finding;
  const auto ours = block_in(file_of(wish), head_of(wish));
  finding.fingerprint = fingerprint(wish, ours);
  finding.observation = Absent{};
  if (ours.block != nullptr)
    finding.observation = Present{{{"directives", own_statements(wish, ours)}}};
  else if (owes_reload() && site_->installed)
    finding.observation = Present{};
  if (!site_->runs) finding.obstacle = Obstacle{"nginx does not run, so that nothing can be proved", {}};
  return finding;
}

std::optional<Obstacle> Reader::obstacle(const Declaration& declaration) const {
  if (!site_->runs)
    return Obstacle{"nginx does not run, so that nothing can be proved; start it first",
                    bringers(declared_, true)};
  const auto planned = planned_.find(key_of(declaration));
  if (planned == planned_.end()) return std::nullopt;
  const auto& wish = planned->second.wish;
  if (planned->second.obstacle) return planned->second.obstacle;
  const auto there = living(wish);
  if (there.block != nullptr && there.file != file_of(wish) && wish.stands_in.empty())
    return Obstacle{fmt::format("it stands in {} on line {} already, and says something else; {}",
                                shown(there.file), there.block->line,
                                wish.kind == location_kind ? "`adopt: true` moves it" : "change it there"),
                    {}};
  return std::nullopt;
}

/// Without the include line, which belongs to locations.
std::vector<std::string> Reader::own_statements(const Wish& wish, const Living& living) {
  auto all = statements(*living.block, living.text->bytes);
  if (wish.kind == server_kind) std::erase(all, statement_of({"include", locations_file(wish.server)}));
  return all;
}

Attributes Reader::attributes(const Declaration& declaration, const Wish& wish, const Living& living) const {
  Attributes attributes;
  own_directives(attributes, wish, own_statements(wish, living));
  attributes.set("live", !owes_reload());
  if (wish.kind == location_kind) place_attributes(attributes, declaration, wish, living);
  return attributes;
}

/// Of what a location says, what it shares with others is said by `like`.
void Reader::own_directives(Attributes& attributes, const Wish& wish,
                            std::vector<std::string> directives) const {
  if (wish.kind == location_kind) {
    const auto shared = shared_with(tree_, *site_, site_->files, wish);
    const bool same = shared && holds_statements(directives, *shared);
    if (same)
      directives.erase(directives.begin(), directives.begin() + static_cast<std::ptrdiff_t>(shared->size()));
    attributes.set("like", same ? wish.like : "another location, or what that was");
  }
  for (auto& one : directives)
    if (!holds(wish.directives, one)) one = without_secret(one);
  attributes.set("directives", std::move(directives));
}

void Reader::place_attributes(Attributes& attributes, const Declaration& declaration, const Wish& wish,
                              const Living& living) const {
  const auto text = parse(std::string(site_->text(wish.file)));
  const auto server = text ? find_server(*text, wish.file, wish.match) : std::unexpected(std::string());
  const bool of_others = living.file != locations_file(wish.server);
  const auto* line = server ? find_include((*server)->children, locations_file(wish.server)) : nullptr;
  const bool included = of_others ? server.has_value() : line != nullptr;
  attributes.set("file", included ? wish.file : "not included");
  if (!wish.match.listen.empty() || !wish.match.server_name.empty())
    attributes.set("match", included ? to_text(wish.match) : "another server");
  if (!wish.before.empty()) {
    const auto* other = server ? find_block((*server)->children, "location " + wish.before) : nullptr;
    const auto place = of_others ? living.block->at.begin : line == nullptr ? 0 : line->at.begin;
    attributes.set("before", other != nullptr && place < other->at.begin ? wish.before : "behind it");
  }
  attributes.set("stands_in", living.file);
  const auto planned = planned_.find(key_of(declaration));
  attributes.set("wins", planned == planned_.end() || !planned->second.lost);
}

std::string Reader::fingerprint(const Wish& wish, const Living& living) const {
  Sha256 digest;
  std::set<std::string> paths{file_of(wish), living.file, wish.file};
  paths.erase("");
  for (const auto& path : paths)
    digest.add(
        fmt::format("{} {}\n", path, site_->files.contains(path) ? sha256_hex(site_->text(path)) : "none"));
  return std::move(digest).hex();
}

std::vector<BeforeImage> Reader::before_images(const Wish& wish) const {
  std::vector<BeforeImage> images;
  for (const auto& path : {file_of(wish), wish.file})
    if (const auto found = site_->files.find(path); !path.empty() && found != site_->files.end())
      images.push_back({site_->real_path(path), found->second.size()});
  return images;
}

std::vector<Disturbance> Reader::disturbances() const {
  if (!site_->runs) return {};
  const auto count = connections_;
  const auto effect =
      count == 0 ? "reloaded"
                 : fmt::format("reloaded; up to {} of clients stay with the old workers until they end",
                               count_of(count, "connection"));
  return {{Disturbance::Kind::service, "nginx", effect}};
}

/// One location of a server shows the line for all of them.
bool Reader::shows_include(const Wish& wish) const {
  const auto first = std::ranges::find_if(planned_, [&](const auto& entry) {
    return entry.second.wish.kind == location_kind && entry.second.wish.server == wish.server &&
           !entry.second.obstacle;
  });
  return first != planned_.end() && first->second.wish.name == wish.name;
}

/// Only lines of ours: what stands around them in the administrators' file may be secret.
std::string Reader::text_diff(const Wish& wish) const {
  if (wish.kind != location_kind || !shows_include(wish)) return {};
  const auto now = candidate_.files().find(wish.file);
  const auto before = site_->files.find(wish.file);
  if (now == candidate_.files().end() || before == site_->files.end() || now->second == before->second)
    return {};
  std::string diff;
  std::multiset<std::string_view> old;
  for (const auto line : split(before->second, '\n')) old.insert(line);
  std::size_t number = 0;
  for (const auto line : split(now->second, '\n')) {
    ++number;
    if (const auto known = old.find(line); known != old.end()) {
      old.erase(known);
    } else if (line.contains(locations_file(wish.server))) {
      diff += fmt::format("@@ {}, line {} @@\n+{}\n", wish.file, number, line);
    }
  }
  return diff;
}

bool Reader::owes_reload() const {
  return site_->owed == "now" || (site_->owed == "idle" && connections_ == 0);
}

std::size_t Reader::count_connections() const {
  std::size_t count = 0;
  const auto ports = ports_of(tree_);
  for (const auto port : std::set<std::int64_t>(ports.begin(), ports.end()))
    if (const auto found = site_->by_port.find(port); found != site_->by_port.end()) count += found->second;
  return count;
}

std::vector<std::string> Reader::remarks() const {
  auto remarks = remarks_;
  std::ranges::sort(remarks);
  if (!site_->owed.empty() && !owes_reload())
    remarks.push_back(fmt::format(
        "nginx has new files and still runs with the old ones: its reload waits for clients to go ({} now).",
        count_of(connections_, "connection")));
  return remarks;
}

}  // namespace tidelock::nginx
