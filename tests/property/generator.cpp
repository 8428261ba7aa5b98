#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "tests/property/random.hpp"
#include "tests/property/scene.hpp"
#include "tests/property/traces.hpp"

namespace tidelock::property {
namespace {

using Fields = std::map<std::string, std::string>;

constexpr std::array<std::string_view, 9> folders{
    "/opt/a",   "/opt/a/b",       "/srv",      "/srv/it's \"$(touch pwned)\"", "/scratch", "/scratch/d",
    "/opt/-rf", "/opt/new\nline", "/data/deep"};
constexpr std::array<std::string_view, 12> names{
    "x",  "-n",          "a b",  "q'u\"o`te", "$(touch pwned)", "*", "n\nl", "\u00fcn\u00ef",
    ".h", "back\\slash", "${x}", "{one}"};
constexpr std::array<std::string_view, 7> owners{"root", "root", "ann", "ben", "1234", "alice", "_svc"};
constexpr std::array<std::string_view, 7> groups{"root",  "staff2", "ann",     "1235",
                                                 "alice", "crew",   "research"};
constexpr std::array<std::string_view, 3> new_users{"alice", "_svc", "c.d"};
constexpr std::array<std::string_view, 3> new_groups{"crew", "research", "alice"};
constexpr std::array<std::string_view, 8> modes{"0755", "0644", "0600", "0700",
                                                "0664", "2775", "4755", "1777"};
constexpr std::array<std::uint32_t, 6> living_modes{0644, 0600, 0755, 0666, 0444, 04755};
constexpr std::array<std::uint32_t, 4> living_owners{0, 1100, 1101, 1234};
constexpr std::array<std::string_view, 5> texts{"hello\n", "", "two\nlines\n", "$(id) `id` ${HOME}\n",
                                                "no end of line"};
constexpr std::array<std::string_view, 3> shells{"/bin/sh", "/bin/bash", "/usr/sbin/nologin"};
constexpr std::array<std::string_view, 4> comments{"", "A B", "It's \"$(x)\", Ü", "-x"};
constexpr const char* key_line =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGRtQnVn9tVwTUxHcTzTJpF3vYyq5F7rVYbF3zBvQhxk admin";

bool is_path_section(std::string_view section) { return section != "users" && section != "groups"; }

/// The paths that an item takes, whatever its sources hold.
std::vector<std::string> places_of(const Item& item) {
  if (item.section == "trees") return {item.key, item.key + ".releases"};
  if (item.section == "images") {
    std::vector<std::string> all;
    for (const auto* name : {"one.sif", "two.sif", "-3 $x.sif"}) all.push_back(item.key + '/' + name);
    return all;
  }
  return {item.key};
}

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) { scene_.seed = seed; }

  Scene make() && {
    scene_.separate_scratch = random_.chance(40);
    scene_.looks_first = random_.chance(15);
    make_hosts();
    make_items();
    make_state();
    make_operations();
    return std::move(scene_);
  }

 private:
  void make_hosts() {
    const auto dice = random_.below(100);
    const std::size_t count = dice < 90 ? 1 : dice < 97 ? 2 : 3;
    for (std::size_t i = 1; i <= count; ++i)
      scene_.hosts[fmt::format("n{}", i)] = random_.chance(60) ? "base" : "more";
  }

  void make_items() {
    const auto count = 1 + random_.below(4);
    const auto spare = random_.below(3);
    for (std::size_t i = 0; i < count + spare; ++i) {
      auto item = fresh_item();
      if (!item) continue;
      const auto id = fmt::format("i{}", i + 1);
      if (i < count) scene_.declared.insert(id);
      scene_.items.push_back({id, std::move(*item)});
    }
  }

  std::optional<Item> fresh_item() {
    const auto dice = random_.below(100);
    const std::string section = dice < 34   ? "files"
                                : dice < 62 ? "directories"
                                : dice < 70 ? "images"
                                : dice < 78 ? "trees"
                                : dice < 89 ? "users"
                                            : "groups";
    Item item{.section = section, .key = {}, .node_type = random_.chance(70) ? "base" : "more", .fields = {}};
    for (int attempt = 0; attempt < 20; ++attempt) {
      item.key = fresh_key(section);
      if (!is_free(item)) continue;
      take(item);
      item.fields = fields_for(item);
      return item;
    }
    return std::nullopt;
  }

  std::string fresh_key(std::string_view section) {
    if (section == "users") return std::string(random_.pick(new_users));
    if (section == "groups") return std::string(random_.pick(new_groups));
    const std::string folder(random_.pick(folders));
    if (section == "images" || (section == "directories" && random_.chance(50))) return folder;
    return folder + '/' + std::string(random_.pick(names));
  }

  /// No two resources at one path, and none in what is no directory.
  [[nodiscard]] bool is_free(const Item& item) const {
    if (!is_path_section(item.section)) return !taken_.contains({item.section, item.key});
    const bool directory = item.section == "directories";
    if (item.section == "images" && taken_.contains({"images", item.key})) return false;
    for (const auto& place : places_of(item))
      for (const auto& [path, is_directory] : places_) {
        if (path == place) return false;
        if (lies_at(path, place) && !directory) return false;
        if (lies_at(place, path) && !is_directory) return false;
      }
    return true;
  }

  void take(const Item& item) {
    taken_.emplace(item.section, item.key);
    if (!is_path_section(item.section)) return;
    for (auto& place : places_of(item)) places_.emplace(std::move(place), item.section == "directories");
  }

  Fields fields_for(const Item& item) {
    Fields fields;
    if (item.section == "files") add_content(fields);
    if (item.section == "files" || item.section == "directories") add_dress(fields);
    if (item.section == "images") fields["from"] = random_.chance(50) ? "sources/one.sif" : "sources/images";
    if (item.section == "trees") add_tree(fields);
    if (item.section == "users") add_user(item, fields);
    if (item.section == "groups") add_group(item, fields);
    if (random_.chance(7)) fields["protect"] = "true";
    if (random_.chance(5)) fields["detect_only"] = "true";
    return fields;
  }

  void add_content(Fields& fields) {
    const auto dice = random_.below(10);
    if (dice < 5)
      fields["content"] = yaml_text(random_.pick(texts));
    else if (dice < 7)
      fields["content"] = random_.chance(50) ? "!env TIDELOCK_PROPERTY_SECRET" : "!file sources/secret";
    else
      fields["source"] = random_.chance(50) ? "sources/one.txt" : "sources/two.bin";
  }

  void add_dress(Fields& fields) {
    if (random_.chance(50)) fields["owner"] = yaml_text(random_.pick(owners));
    if (random_.chance(40)) fields["group"] = yaml_text(random_.pick(groups));
    if (random_.chance(60)) fields["mode"] = yaml_text(random_.pick(modes));
    if (random_.chance(8)) fields["ignore"] = random_.chance(50) ? "[mode]" : "[owner, group]";
  }

  void add_tree(Fields& fields) {
    fields["from"] = "sources/tree";
    if (random_.chance(30)) fields["owner"] = yaml_text(random_.pick(owners));
    if (random_.chance(30)) fields["file_mode"] = "\"0640\"";
    if (random_.chance(30)) fields["keep"] = "1";
    if (random_.chance(20)) fields["exclude"] = "[\"*.log\"]";
  }

  /// One of two numbers that no other account gets.
  std::string own_number(std::string_view name, std::size_t first) {
    static constexpr std::array<std::string_view, 5> all{"alice", "_svc", "c.d", "crew", "research"};
    const auto place = static_cast<std::size_t>(std::ranges::find(all, name) - all.begin());
    return fmt::to_string(first + 2 * place + random_.below(2));
  }

  void add_user(const Item& item, Fields& fields) {
    if (random_.chance(40)) fields["uid"] = own_number(item.key, 2000);
    if (random_.chance(30))
      fields["group"] = random_.chance(60) ? "staff2" : yaml_text(random_.pick(new_groups));
    if (random_.chance(30)) fields["groups"] = random_.chance(50) ? "[staff2]" : "[ann, research]";
    if (random_.chance(40)) fields["shell"] = yaml_text(random_.pick(shells));
    if (random_.chance(25)) fields["home"] = random_.chance(50) ? "/home/other" : "\"/data/ho me\"";
    if (random_.chance(30)) fields["comment"] = yaml_text(random_.pick(comments));
    if (random_.chance(30)) fields["create_home"] = "false";
    if (random_.chance(15)) fields["system"] = "true";
    if (random_.chance(30) && !fields.contains("create_home") && !fields.contains("system"))
      fields["authorized_keys"] = fmt::format("[\"{}\"]", key_line);
  }

  void add_group(const Item& item, Fields& fields) {
    if (random_.chance(50)) fields["gid"] = own_number(item.key, 2100);
    // A user may say this of `research`.
    if (item.key != "research" && random_.chance(50))
      fields["members"] = random_.chance(50) ? "[ann]" : "[ann, ben]";
    if (random_.chance(15)) fields["system"] = "true";
  }

  void make_state() {
    for (const auto& [host, type] : scene_.hosts) {
      for (const auto& item : scene_.items)
        if (is_path_section(item.what.section)) make_beginning(host, item.what);
      if (random_.chance(10))
        add_state({.what = Edit::What::link, .host = host, .path = "/opt/a", .text = elsewhere(host)});
      if (random_.chance(10)) add_state(account_edit(host));
      if (random_.chance(30))
        add_state(
            {.what = Edit::What::write, .host = host, .path = "/opt/a/b/stranger", .text = "not ours\n"});
    }
  }

  void add_state(Edit edit) {
    scene_.state.push_back({fmt::format("s{}", scene_.state.size() + 1), std::move(edit)});
  }

  /// A folder that no other link leads to, so that no two resources are one.
  std::string elsewhere(const std::string& host) {
    auto folder = fmt::format("/run/elsewhere{}", scene_.state.size());
    add_state({.what = Edit::What::directory, .host = host, .path = folder, .mode = 0755});
    return folder;
  }

  /// What may be where an item is to be.
  void make_beginning(const std::string& host, const Item& item) {
    if (random_.chance(55)) return;
    const auto place = random_.pick(places_of(item));
    const bool directory = item.section == "directories";
    const auto dice = random_.below(100);
    if (dice < 70) {
      auto edit = made_at(host, place);
      edit.what = directory ? Edit::What::directory : Edit::What::write;
      add_state(std::move(edit));
      if (directory && random_.chance(40)) add_state(made_at(host, place + "/stranger"));
      return;
    }
    auto edit = made_at(host, place);
    edit.what = dice < 80   ? Edit::What::link
                : dice < 85 ? Edit::What::fifo
                : directory ? Edit::What::write
                            : Edit::What::directory;
    if (edit.what == Edit::What::link) edit.text = random_.chance(50) ? elsewhere(host) : "nowhere";
    add_state(std::move(edit));
  }

  Edit made_at(const std::string& host, std::string path) {
    return {.what = Edit::What::write,
            .host = host,
            .path = std::move(path),
            .text = std::string(random_.pick(texts)),
            .mode = random_.pick(living_modes),
            .uid = random_.pick(living_owners),
            .gid = random_.pick(living_owners)};
  }

  Edit account_edit(const std::string& host) {
    switch (random_.below(4)) {
      case 0:
        return {.what = Edit::What::add_line, .host = host, .path = "/etc/group", .text = "crew:x:2500:ann"};
      case 1:
        return {.what = Edit::What::add_line,
                .host = host,
                .path = "/etc/passwd",
                .text = "alice:x:2500:1200:made by hand:/home/alice:/bin/sh"};
      case 2:
        return {.what = Edit::What::drop_lines, .host = host, .path = "/etc/passwd", .text = "alice:"};
      default:
        return {.what = Edit::What::drop_lines, .host = host, .path = "/etc/group", .text = "crew:"};
    }
  }

  void make_operations() {
    add({.what = Operation::What::apply});
    const auto rounds = random_.below(100);
    const int more = rounds < 60 ? 0 : rounds < 94 ? 1 : 2;
    for (int round = 0; round < more; ++round) {
      const auto changes = 1 + random_.below(3);
      for (std::size_t i = 0; i < changes; ++i) add(random_.chance(50) ? drift() : change());
      add({.what = Operation::What::apply});
    }
    if (random_.chance(40)) add({.what = Operation::What::roll_back});
  }

  void add(Operation operation) {
    scene_.operations.push_back({fmt::format("o{}", scene_.operations.size() + 1), std::move(operation)});
  }

  const Piece<Item>* some_item() { return scene_.items.empty() ? nullptr : &random_.pick(scene_.items); }

  /// A hand edit, mostly of what is declared.
  Operation drift() {
    std::vector<std::string> hosts;
    for (const auto& [host, type] : scene_.hosts) hosts.push_back(host);
    const auto& host = random_.pick(hosts);
    const auto* item = some_item();
    Operation operation{.what = Operation::What::edit};
    if (item == nullptr || !is_path_section(item->what.section)) {
      operation.edit = account_edit(host);
      return operation;
    }
    operation.edit = made_at(host, random_.pick(places_of(item->what)));
    static constexpr std::array kinds{Edit::What::write, Edit::What::remove,    Edit::What::mode,
                                      Edit::What::owner, Edit::What::touch,     Edit::What::write,
                                      Edit::What::link,  Edit::What::hard_link, Edit::What::directory};
    operation.edit.what = random_.pick(kinds);
    if (operation.edit.what == Edit::What::link) operation.edit.text = "/run";
    if (operation.edit.what == Edit::What::hard_link) operation.edit.text = "/srv/second name";
    if (item->what.section == "directories" && random_.chance(40)) operation.edit.path += "/by hand";
    return operation;
  }

  /// Another manifest.
  Operation change() {
    const auto* item = some_item();
    if (item == nullptr) return {.what = Operation::What::renew_source, .text = "tree"};
    Operation operation{.what = Operation::What::drop, .item = item->id};
    const auto dice = random_.below(100);
    if (dice < 35) return operation;
    operation.what = Operation::What::add;
    if (dice < 50) return operation;
    operation.what = Operation::What::alter;
    operation.altered = item->what;
    operation.altered.fields = fields_for(item->what);
    if (dice < 75) return operation;
    if (dice < 85) return renaming(*item);
    static constexpr std::array<std::string_view, 6> sources{"one.txt", "two.bin", "one.sif",
                                                             "images",  "tree",    "secret"};
    return {.what = Operation::What::renew_source, .text = std::string(random_.pick(sources))};
  }

  Operation renaming(const Piece<Item>& item) {
    auto renamed = item.what;
    for (int attempt = 0; attempt < 20 && renamed.section != "images"; ++attempt) {
      renamed.key = fresh_key(renamed.section);
      if (!is_free(renamed)) continue;
      take(renamed);
      return {.what = Operation::What::rename, .item = item.id, .text = renamed.key};
    }
    return {.what = Operation::What::drop, .item = item.id};
  }

  Random random_;
  Scene scene_;
  std::set<std::pair<std::string, std::string>> taken_;  ///< sections and keys
  std::map<std::string, bool> places_;                   ///< whether each is a directory
};

}  // namespace

Scene make_scene(std::uint64_t seed) { return Generator(seed).make(); }

}  // namespace tidelock::property
