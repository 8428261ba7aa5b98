#include "providers/system/account_expand.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "engine/base/file.hpp"
#include "engine/base/text.hpp"
#include "engine/model/graph.hpp"
#include "providers/system/authorized_keys.hpp"
#include "providers/system/entry.hpp"

namespace tidelock::system {
namespace {

constexpr std::uint64_t most_keys = 1'000'000;

const Section* users_beside(const Manifest& manifest, const Section& groups) {
  const auto found = std::ranges::find_if(manifest.sections, [&](const Section& section) {
    return section.name == "users" && section.node_type == groups.node_type;
  });
  return found == manifest.sections.end() ? nullptr : &*found;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool lists(const Node* words, std::string_view word) {
  return words != nullptr && holds(words->texts(), word);
}

/// A user who says which groups it is in says all of them, and a group its members: both at once would be
/// told twice, or contradict each other.
void check_members(const Declaration& group, const Node* members, const Section* users,
                   Diagnostics& diagnostics) {
  if (members == nullptr || members->sequence() == nullptr || users == nullptr) return;
  for (const auto& user : users->body.entries()) {
    const auto* groups = user.value.find("groups");
    if (lists(groups, group.name) && !lists(members, user.key))
      diagnostics.error(
          groups->at(), "Membership is said twice",
          fmt::format("the group {} has `members`, and {} is not among them: keep one of the two",
                      shown(group.name), shown(user.key)),
          {{members->at(), "here"}});
  }
  for (const auto& member : *members->sequence()) {
    const auto* user = users->body.find(member.text());
    if (user == nullptr) continue;
    const bool primary = user->find("group") == nullptr ? member.text() == group.name
                                                        : user->find("group")->text() == group.name;
    if (primary)
      diagnostics.error(
          member.at(), "Membership is said twice",
          fmt::format("{} is the primary group of {} already", shown(group.name), shown(member.text())));
    else if (const auto* groups = user->find("groups"))
      diagnostics.error(member.at(), "Membership is said twice",
                        fmt::format("the user {} has `groups`, which are all of its groups: write {} there",
                                    shown(member.text()), shown(group.name)),
                        {{groups->at(), "here"}});
  }
}

class UserExpander {
 public:
  UserExpander(const Section& section, const ExpandContext& context, Diagnostics& diagnostics)
      : section_(section), manifest_(context.manifest), diagnostics_(diagnostics) {}

  std::vector<Placement> expand() && {
    for (const auto& entry : section_.body.entries()) add(entry);
    return std::move(placements_);
  }

 private:
  void add(const Node::Entry& entry) {
    auto declaration = declaration_of("user", entry, section_);
    take(*declaration, entry.value, "uid", "integer");
    take(*declaration, entry.value, "group", "account");
    take(*declaration, entry.value, "groups", "set");
    take(*declaration, entry.value, "shell", "path");
    take(*declaration, entry.value, "home", "path");
    take(*declaration, entry.value, "comment", "text");
    check_comment(entry.value);
    const bool system = is_true(entry.value.find("system"));
    if (system) {
      declaration->attributes.set("system", true);
      declaration->ignore.insert("system");
    }
    auto plan = std::make_shared<UserPlan>();
    const auto* create_home = entry.value.find("create_home");
    plan->create_home = create_home == nullptr ? !system : is_true(create_home);
    declaration->after = accounts_before({"user", declaration->name}, declaration->attributes);
    if (const auto keys = keys_of(entry.value)) {
      plan->keys = *keys;
      declaration->payload = std::move(plan);
      return place_with_keys(entry, *declaration);
    }
    declaration->payload = std::move(plan);
    placements_.push_back({std::move(declaration), section_.hosts});
  }

  void check_comment(const Node& body) {
    const auto* comment = body.find("comment");
    if (comment != nullptr && comment->text().find_first_of(":\n") != std::string_view::npos)
      diagnostics_.error(comment->at(), "Comment is not valid",
                         "a colon or a new line would end it in /etc/passwd");
  }

  /// The lines as they are written, where keys are declared.
  std::optional<std::string> keys_of(const Node& body) {
    const auto* list = body.find("authorized_keys");
    const auto* file = body.find("authorized_keys_file");
    if (list != nullptr && file != nullptr)
      diagnostics_.error(file->at(), "Keys exclude each other",
                         "authorized_keys and authorized_keys_file say the same thing; keep one of them");
    std::string keys;
    if (list != nullptr && list->sequence() != nullptr) {
      for (const auto& item : *list->sequence()) add_key(keys, item.text(), item.at());
      return keys;
    }
    if (file == nullptr) return std::nullopt;
    const auto path = local_path(*file);
    const auto text = read_file(path, most_keys);
    if (!text) {
      diagnostics_.error(file->at(), text.error().summary, text.error().detail);
      return std::nullopt;
    }
    for (const auto line : key_lines(*text)) add_key(keys, line, file->at());
    return keys;
  }

  void add_key(std::string& keys, std::string_view line, const Location& at) {
    const auto trimmed = trim(line);
    if (!key_in_short(trimmed) || trimmed.contains('\n'))
      diagnostics_.error(
          at, "Key is not valid",
          fmt::format("{} is no line of authorized_keys: options, type, key and comment", shown(trimmed)));
    (keys += trimmed) += '\n';
  }

  /// Where the home folder is shared, one host writes what lies in it.
  void place_with_keys(const Node::Entry& entry, const Declaration& declaration) {
    auto with = std::make_shared<Declaration>(declaration);
    with->attributes.set("authorized_keys", keys_in_short(keys_text(declaration)));
    const auto* filesystem = shared_home(declaration);
    if (filesystem == nullptr) {
      placements_.push_back({std::move(with), section_.hosts});
      return;
    }
    std::vector<std::string> writers;
    std::vector<std::string> others;
    for (const auto& host : section_.hosts) (host == filesystem->apply_on ? writers : others).push_back(host);
    if (writers.empty() && !declared_on(filesystem->apply_on, declaration.name))
      diagnostics_.error(entry.key_at, "Keys would be written by nobody",
                         fmt::format("the home folder lies on {}, which {} writes; declare the user for that "
                                     "node too",
                                     shown(filesystem->path), filesystem->apply_on),
                         {{filesystem->at, "it is shared here"}});
    if (!writers.empty()) placements_.push_back({std::move(with), std::move(writers)});
    auto without = std::make_shared<Declaration>(declaration);
    auto plan = std::make_shared<UserPlan>();
    plan->create_home = false;
    without->payload = std::move(plan);
    if (!others.empty()) placements_.push_back({std::move(without), std::move(others)});
  }

  static std::string_view keys_text(const Declaration& declaration) {
    return dynamic_cast<const UserPlan*>(declaration.payload.get())->keys;
  }

  [[nodiscard]] const SharedFilesystem* shared_home(const Declaration& declaration) const {
    auto home = std::string(declaration.attributes.text("home"));
    if (home.empty()) home = declaration.name == "root" ? "/root" : "/home/" + declaration.name;
    const auto found = std::ranges::find_if(manifest_.filesystems, [&](const SharedFilesystem& filesystem) {
      return filesystem.path == "/" || home == filesystem.path || home.starts_with(filesystem.path + '/');
    });
    return found == manifest_.filesystems.end() ? nullptr : &*found;
  }

  [[nodiscard]] bool declared_on(const std::string& host, const std::string& user) const {
    return std::ranges::any_of(manifest_.sections, [&](const Section& section) {
      return section.name == "users" && holds(section.hosts, host) && section.body.find(user) != nullptr;
    });
  }

  const Section& section_;
  const Manifest& manifest_;
  Diagnostics& diagnostics_;
  std::vector<Placement> placements_;
};

}  // namespace

std::vector<ResourceKey> accounts_before(const ResourceKey& key, const Attributes& attributes) {
  std::vector<ResourceKey> before;
  const auto add_all = [&](const char* kind, std::string_view attribute) {
    const auto* value = attributes.find(attribute);
    const auto* names = value == nullptr ? nullptr : std::get_if<std::vector<std::string>>(value);
    if (names != nullptr)
      for (const auto& name : *names) before.push_back({kind, name});
  };
  if (key.kind == "group") {
    add_all("user", "members");
    return before;
  }
  const auto group = attributes.text("group");
  if (!is_number(group)) before.push_back({"group", group.empty() ? key.name : std::string(group)});
  add_all("group", "groups");
  return before;
}

std::vector<Placement> expand_groups(const Section& section, const ExpandContext& context,
                                     Diagnostics& diagnostics) {
  std::vector<Placement> placements;
  const auto* users = users_beside(context.manifest, section);
  for (const auto& entry : section.body.entries()) {
    auto declaration = declaration_of("group", entry, section);
    take(*declaration, entry.value, "gid", "integer");
    take(*declaration, entry.value, "members", "set");
    check_members(*declaration, entry.value.find("members"), users, diagnostics);
    if (is_true(entry.value.find("system"))) {
      declaration->attributes.set("system", true);
      declaration->ignore.insert("system");
    }
    declaration->after = accounts_before({"group", declaration->name}, declaration->attributes);
    placements.push_back({std::move(declaration), section.hosts});
  }
  return placements;
}

std::vector<Placement> expand_users(const Section& section, const ExpandContext& context,
                                    Diagnostics& diagnostics) {
  return UserExpander(section, context, diagnostics).expand();
}

void check_numbers(const Graph& graph, Diagnostics& diagnostics) {
  std::set<std::pair<const Declaration*, const Declaration*>> told;
  for (const auto& host : graph.hosts) {
    std::map<std::pair<std::string_view, std::int64_t>, const Declaration*> owners;
    for (const auto& item : host.blueprint->items) {
      const auto& account = *item.declaration;
      if (account.kind != "user" && account.kind != "group") continue;
      const auto* value = account.attributes.find(account.kind == "user" ? "uid" : "gid");
      const auto* number = value == nullptr ? nullptr : std::get_if<std::int64_t>(value);
      if (number == nullptr) continue;
      const auto [first, fresh] = owners.try_emplace({account.kind, *number}, &account);
      if (!fresh && told.emplace(first->second, &account).second)
        diagnostics.error(account.at, "Number is given twice",
                          fmt::format("{} is the number of {} {} on the same host", *number, account.kind,
                                      shown(first->second->name)),
                          {{first->second->at, "here"}});
    }
  }
}

}  // namespace tidelock::system
