#include "tests/property/story.hpp"

#include <algorithm>
#include <fstream>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "tests/property/checks.hpp"
#include "tests/property/hand.hpp"
#include "tests/property/isolation.hpp"
#include "tests/property/operator.hpp"
#include "tests/property/sandbox.hpp"
#include "tests/property/sources.hpp"
#include "tests/property/transcript.hpp"

namespace tidelock::property {
namespace {

namespace fs = std::filesystem;

const fs::path workplace = fs::path(memory) / "manifest";

std::string kind_of(std::string_view section) {
  if (section == "directories") return "directory";
  return std::string(section.substr(0, section.size() - 1));
}

/// A property does not hold.
struct Failure {
  std::string text;
};

class Story {
 public:
  Story(const Scene& scene, Tally& tally) : scene_(scene), tally_(tally), sources_(workplace / "sources") {
    for (const auto& [host, type] : scene.hosts)
      hosts_.emplace(host, std::make_unique<Sandbox>(host, scene.separate_scratch));
    for (const auto& piece : scene.items)
      if (scene.declared.contains(piece.id)) declared_.emplace(piece.id, piece.what);
    operator_.emplace(workplace / "cluster.yaml", hosts_, cancel_);
  }

  void play() {
    for (const auto& piece : scene_.state) edit(piece.what);
    write_manifest();
    if (scene_.looks_first) look();
    for (const auto& piece : scene_.operations) perform(piece.what);
    settle();
  }

 private:
  using AllTraces = std::map<std::string, Traces>;

  void perform(const Operation& operation) {
    using What = Operation::What;
    const auto item = std::ranges::find(scene_.items, operation.item, &Piece<Item>::id);
    if (operation.what == What::apply) return apply();
    if (operation.what == What::roll_back) return roll_back();
    if (operation.what == What::edit) return edit(operation.edit);
    unsettle();
    if (operation.what == What::add) declared_.emplace(item->id, item->what);
    if (operation.what == What::drop) declared_.erase(operation.item);
    if (operation.what == What::alter && declared_.contains(operation.item))
      declared_.at(operation.item).fields = operation.altered.fields;
    if (operation.what == What::rename && declared_.contains(operation.item))
      rename_item(declared_.at(operation.item), operation.text);
    if (operation.what == What::renew_source) sources_.renew(operation.text);
    write_manifest();
  }

  void edit(const Edit& edit) {
    edit_by_hand(hosts_.at(edit.host)->root(), edit);
    unsettle();
  }

  void unsettle() {
    last_writes_.reset();
    settled_ = false;
  }

  /// What is meant by the new name counts as made when what was meant by the old one was.
  void rename_item(Item& item, const std::string& key) {
    moved_.emplace(kind_of(item.section) + ':' + item.key, kind_of(item.section) + ':' + key);
    const bool account = item.section == "users" || item.section == "groups";
    const std::string file = item.section == "users" ? "/etc/passwd:" : "/etc/group:";
    for (auto& [host, made] : made_)
      if (made.contains(account ? file + item.key : item.key)) made.insert(account ? file + key : key);
    item.key = key;
  }

  void write_manifest() {
    std::vector<Item> items;
    for (const auto& [id, item] : declared_) items.push_back(item);
    std::ofstream(workplace / "cluster.yaml") << manifest_text(scene_, items, moved_);
  }

  [[nodiscard]] AllTraces traces() const {
    AllTraces all;
    for (const auto& [name, host] : hosts_) all.emplace(name, traces_of(host->root()));
    return all;
  }

  static void expect(const std::string& property, const std::string& host, const Complaints& complaints) {
    if (complaints.empty()) return;
    std::string text = fmt::format("{}, on {}:\n", property, host);
    for (const auto& complaint : complaints) text += "  " + complaint + '\n';
    throw Failure{std::move(text)};
  }

  void expect_nothing_moved(const std::string& property, const AllTraces& before) const {
    const auto after = traces();
    for (const auto& [host, old_traces] : before) expect(property, host, moved(old_traces, after.at(host)));
  }

  /// A plan leaves no trace on a host.
  void look() {
    const auto before = traces();
    if (!operator_->plan()) throw Failure{"the manifest is refused\n"};
    expect_nothing_moved("a plan changed something", before);
    tally_.add("plans without a lock");
  }

  struct Applied {
    Plan plan;
    AllTraces before, after;
  };

  Applied applied() {
    AllTraces before;
    const auto result = operator_->apply([&] { before = traces(); },
                                         [&] { expect_nothing_moved("looking changed something", before); });
    if (!result) throw Failure{"the apply was refused\n"};
    if (!result->plan.refusals.empty()) throw Failure{"the plan was refused\n"};
    if (result->failed) throw Failure{"a planned change failed\n"};
    tally_.add("applies");
    return {result->plan, std::move(before), traces()};
  }

  void apply() {
    const auto run = applied();
    for (const auto& [host, before] : run.before) {
      const auto& after = run.after.at(host);
      const auto writes = writes_on(run.plan, host);
      expect("an apply changed what it had not planned", host, unplanned(before, after, writes));
      expect("an apply said it had done what it had not", host, undone(before, after, writes));
      expect("an apply deleted what was not its own", host, lost(before, after, made_[host]));
    }
    count(run.plan);
    last_plan_ = run.plan;
    last_writes_.reset();
    if (run.plan.has_writes()) last_writes_ = run.before;
    settled_ = true;
  }

  void count(const Plan& plan) {
    for (const auto& change : plan.changes)
      if (change.action != Action::no_op || change.released)
        tally_.add(fmt::format("{} {}", change.released ? "release" : to_string(change.action),
                               change.declaration->kind));
  }

  /// After an apply the next one has nothing to do, except what could not be done before.
  void settle() {
    if (!settled_) apply();
    const auto stuck = stuck_in(*last_plan_);
    const auto again = applied();
    for (const auto& change : again.plan.changes)
      if (change.writes())
        throw Failure{fmt::format("the next plan is not empty: {} {} {}\n", to_string(change.action),
                                  change.declaration->kind, shown(change.declaration->name))};
    for (const auto& address : stuck_in(again.plan))
      if (!stuck.contains(address)) throw Failure{fmt::format("blocked only afterwards: {}\n", address)};
    for (const auto& [host, before] : again.before)
      expect("an apply with nothing to do changed something", host, moved(before, again.after.at(host)));
    tally_.add("empty plans");
  }

  static std::set<std::string> stuck_in(const Plan& plan) {
    std::set<std::string> stuck;
    for (const auto& change : plan.changes)
      if (change.action == Action::blocked)
        stuck.insert(to_string(Address{change.host, change.declaration->kind, change.declaration->name}));
    return stuck;
  }

  void roll_back() {
    if (!last_writes_) return;
    for (const auto& [host, sandbox] : hosts_)
      if (!std::ranges::all_of(writes_on(*last_plan_, host),
                               [](const Change* change) { return can_be_rolled_back(*change); }))
        return tally_.add("rollbacks left out");
    const auto before = traces();
    if (const auto exit = operator_->roll_back(); exit != Exit::done)
      throw Failure{fmt::format("a rollback ended with {}\n", exit ? static_cast<int>(*exit) : -1)};
    const auto after = traces();
    for (const auto& [host, traces_before] : *last_writes_) {
      expect("a rollback did not bring everything back", host,
             not_brought_back(traces_before, after.at(host), writes_on(*last_plan_, host)));
      (void)lost(before.at(host), after.at(host), made_[host]);
    }
    unsettle();
    tally_.add("rollbacks");
  }

  const Scene& scene_;
  Tally& tally_;
  Sources sources_;
  Cancellation cancel_;
  Sandboxes hosts_;
  std::map<std::string, Item> declared_;
  std::map<std::string, std::string> moved_;
  std::map<std::string, Made> made_;
  std::optional<Plan> last_plan_;
  std::optional<AllTraces> last_writes_;  ///< what was there before the last apply that wrote
  bool settled_ = false;                  ///< nothing happened since the last apply
  std::optional<Operator> operator_;
};

}  // namespace

std::optional<std::string> play(const Scene& scene, Tally& tally, bool show) {
  fs::remove_all(workplace);
  fs::create_directories(workplace);
  std::optional<std::string> wrong;
  std::string said;
  {
    const Transcript transcript;
    try {
      Story(scene, tally).play();
    } catch (const Failure& failure) {
      wrong = failure.text;
    } catch (const std::exception& error) {
      wrong = std::string(error.what()) + '\n';
    }
    said = transcript.text();
  }
  if (show) fmt::print("{}\n", said);
  if (wrong && !show) *wrong += said.empty() ? "" : "Tidelock said:\n" + said;
  tally.add("cases");
  return wrong;
}

}  // namespace tidelock::property
