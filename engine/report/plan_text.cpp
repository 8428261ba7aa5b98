#include "engine/report/plan_text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/hostlist.hpp"
#include "engine/base/text.hpp"
#include "engine/model/value_json.hpp"
#include "engine/report/fold.hpp"
#include "engine/report/impact_text.hpp"

namespace tidelock {
namespace {

constexpr std::size_t most_diff_lines = 60;
constexpr std::size_t most_details = 20;

struct ValueWriter {
  std::string operator()(std::monostate /*none*/) const { return "none"; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return fmt::to_string(value); }
  std::string operator()(const std::string& value) const {
    // How a ledger keeps a secret. Its digest tells people nothing.
    return value.starts_with("hmac-sha256:") ? std::string(hidden_text) : shortened(value);
  }
  std::string operator()(const std::vector<std::string>& value) const {
    return fmt::format("[{}]", printable(join(value, ", ")));
  }
  std::string operator()(const Hidden& /*secret*/) const { return std::string(hidden_text); }

  /// Nobody compares 64 digits by eye.
  static std::string shortened(const std::string& value) {
    constexpr std::size_t digest = 64;
    constexpr std::size_t enough = 12;
    const auto hex = value.starts_with("sha256:") ? value.substr(7) : value;
    const bool is_digest =
        hex.size() == digest && hex.find_first_not_of("0123456789abcdef") == std::string::npos;
    return is_digest ? "sha256:" + hex.substr(0, enough) + "…" : clipped(value);
  }

  /// Whole texts are in the plan's JSON.
  static std::string clipped(const std::string& value) {
    constexpr std::size_t longest = 160;
    if (value.size() <= longest) return shown(value);
    const auto beginning = value.substr(0, valid_utf8(std::string_view(value).substr(0, longest)));
    return fmt::format("{}… ({})", shown(beginning), human_bytes(value.size()));
  }
};

/// As `ls -l` has them; what it does not have follows by name.
std::vector<std::string> in_reading_order(std::vector<std::string> names) {
  static const std::vector<std::string_view> first{"owner", "group", "mode"};
  std::ranges::stable_sort(
      names, {}, [](const std::string& name) { return std::ranges::find(first, name) - first.begin(); });
  return names;
}

class PlanWriter {
 public:
  PlanWriter(const Plan& plan, const Style& style, bool show_extra)
      : plan_(plan), style_(style), show_extra_(show_extra) {}

  std::string write() && {
    for (const auto& folded : fold_changes(plan_)) write_change(folded);
    for (const auto& folded : fold_unchecked(plan_)) write_unchecked(folded);
    write_away();
    write_remarks();
    write_released();
    if (show_extra_) write_extras();
    write_end();
    return std::move(out_);
  }

 private:
  void line(std::string_view text) { out_.append(text).push_back('\n'); }

  [[nodiscard]] std::string coloured(Action action, const std::string& text) const {
    switch (action) {
      case Action::create:
        return style_.green(text);
      case Action::update:
        return style_.yellow(text);
      case Action::remove:
      case Action::replace:
      case Action::blocked:
        return style_.red(text);
      case Action::no_op:
        break;
    }
    return text;
  }

  void write_change(const FoldedChange& folded) {
    const auto& change = *folded.change;
    const auto& declaration = *change.declaration;
    line(fmt::format("{} {} on {}", coloured(change.action, std::string(sign_of(change.action))),
                     style_.bold(fmt::format("{} {}", declaration.kind, shown(declaration.name))),
                     fold_hosts(folded.hosts)));
    line("    " + reason(change) + place(declaration.at));
    write_obstacles(change);
    if (change.action == Action::create && !declaration.attributes.empty())
      line("    " + attributes_text(declaration.attributes));
    if (change.action == Action::remove && !change.before->empty())
      line("    " + attributes_text(*change.before));
    if (change.before) write_differences(change);
    if (change.writes()) write_consequences(folded);
    if (!change.text_diff.empty()) write_diff(change.text_diff);
  }

  /// What is in the way; several things stand on lines of their own.
  static std::string obstacle_text(const Change& change) {
    const auto lines = split(change.blocked_because, '\n');
    return lines.size() == 1 ? change.blocked_because : count_of(lines.size(), "problem");
  }

  void write_obstacles(const Change& change) {
    const auto lines = split(change.blocked_because, '\n');
    if (change.action != Action::blocked || lines.size() == 1) return;
    for (const auto text : lines) line(fmt::format("      {}", text));
  }

  [[nodiscard]] std::string reason(const Change& change) const {
    const bool blocked = change.action == Action::blocked;
    const bool orphan = change.cause == Cause::orphan && plan_.back_before.empty();
    const auto* why = orphan ? "no longer declared, blocked: " : "blocked: ";
    std::string text = blocked ? style_.red(why) + obstacle_text(change) : why_text(change.cause);
    if (change.declaration->implied && !blocked && !change.declaration->asked_by.empty())
      text = change.declaration->asked_by.front() + ", which is not there yet";
    if (change.writes() && change.bytes_to_send > 0 && change.declaration->kind == "image")
      text += fmt::format(", {} to send", human_bytes(change.bytes_to_send));
    return text;
  }

  [[nodiscard]] std::string why_text(Cause cause) const {
    if (plan_.back_before.empty()) return std::string(explain(cause));
    return fmt::format("{} before run {}", cause == Cause::orphan ? "it was not there" : "as it was",
                       printable(plan_.back_before));
  }

  [[nodiscard]] std::string place(const Location& at) const {
    const auto text = to_string(at);
    return text.empty() ? text : style_.dim(fmt::format(" ({})", text));
  }

  void write_differences(const Change& change) {
    std::size_t width = 0;
    for (const auto& name : change.changed) width = std::max(width, name.size());
    const auto text = [](const Value* value) {
      return value == nullptr ? std::string("none") : value_text(*value);
    };
    for (const auto& name : in_reading_order(change.changed)) {
      if (name == "inputs") {
        line("    " + inputs_text(change));
        continue;
      }
      const auto* before = change.before->find(name);
      if (before == nullptr && change.action == Action::blocked)
        continue;  // something else altogether is there
      line(fmt::format("    {:<{}}  {} → {}", name, width, style_.red(text(before)),
                       style_.green(text(change.declaration->attributes.find(name)))));
    }
  }

  static std::string inputs_text(const Change& change) {
    std::vector<std::string> names;
    for (const auto& key : change.declaration->inputs)
      names.push_back(fmt::format("{} {}", key.kind, shown(key.name)));
    return "it has not acted yet on how these are declared: " + join(names, ", ");
  }

  void write_consequences(const FoldedChange& folded) {
    for (const auto& text : disturbance_lines(folded.all)) line("    " + style_.cyan(text));
    if (const auto& lost = folded.change->irreversible; !lost.empty())
      line(fmt::format("    {} {}", style_.red("cannot be undone:"), lost));
    if (const auto& why = folded.change->approval; !why.empty())
      line(fmt::format("    {} {}", style_.red("must be approved by name:"), why));
  }

  void write_diff(std::string_view diff) {
    auto lines = split(diff, '\n');
    if (lines.back().empty()) lines.pop_back();
    const auto shown_lines = std::min(lines.size(), most_diff_lines);
    for (const auto text : std::span(lines).first(shown_lines)) {
      const auto safe = "      " + printable(text);
      line(text.starts_with('+')   ? style_.green(safe)
           : text.starts_with('-') ? style_.red(safe)
                                   : style_.dim(safe));
    }
    if (shown_lines < lines.size()) line(fmt::format("      … {} more lines", lines.size() - shown_lines));
  }

  static std::string unchecked_in_words(const FoldedUnchecked& folded) {
    auto hosts = fold_hosts(folded.hosts);
    if (!folded.first->address) return hosts;
    std::size_t resources = 0;
    for (const auto& [kind, number] : folded.kinds) resources += number;
    if (resources > 0) return fmt::format("{} on {}", count_of(resources, "resource"), hosts);
    return fmt::format("{} {} on {}", folded.first->address->kind, shown(folded.first->address->name), hosts);
  }

  static std::string counts_in_words(const std::map<std::string, std::size_t>& kinds) {
    std::vector<std::string> counts;
    for (const auto& [kind, number] : kinds) counts.push_back(fmt::format("{} {}", number, kind));
    return join(counts, ", ");
  }

  void write_unchecked(const FoldedUnchecked& folded) {
    const auto& first = *folded.first;
    const auto what = unchecked_in_words(folded);
    line(fmt::format("{} {}", style_.red("?"), style_.bold(what)));
    line(fmt::format("    {} {}", style_.red("unchecked:"), first.reason));
    if (!folded.kinds.empty()) line("    " + counts_in_words(folded.kinds));
    write_details(folded);
    if (!first.advice.empty()) line("    " + first.advice);
  }

  void write_details(const FoldedUnchecked& folded) {
    const auto details = fold_details(folded);
    const auto listed = details.size() > most_details + 1 ? most_details : details.size();
    for (const auto& [text, hosts] : std::span(details).first(listed)) {
      const bool says_where = hosts.size() == folded.hosts.size() || names_host(text, hosts.front());
      line(says_where ? fmt::format("    {}", text) : fmt::format("    {}: {}", fold_hosts(hosts), text));
    }
    if (listed < details.size()) line(fmt::format("    … {} more lines", details.size() - listed));
  }

  static bool names_host(std::string_view text, std::string_view host) {
    return text.starts_with(host) &&
           (text.substr(host.size()).starts_with(' ') || text.substr(host.size()).starts_with(':'));
  }

  void write_away() {
    std::map<std::string, std::vector<std::string>> hosts;
    for (const auto& away : plan_.away) hosts[away.reason].push_back(away.host);
    for (const auto& [reason, names] : hosts)
      line(fmt::format("{} {}: {}; what is declared for {} is done when {} back", style_.cyan("away:"),
                       fold_hosts(names), reason, names.size() == 1 ? "it" : "them",
                       names.size() == 1 ? "it is" : "they are"));
  }

  void write_remarks() {
    std::map<std::string, std::vector<std::string>> hosts;
    for (const auto& remark : plan_.remarks) hosts[remark.text].push_back(remark.host);
    for (const auto& [text, names] : hosts)
      line(fmt::format("{} {}: {}", style_.cyan("note:"), fold_hosts(names), text));
  }

  void write_released() {
    std::map<std::string, std::vector<std::string>> hosts;
    for (const auto& change : plan_.changes)
      if (change.released)
        hosts[fmt::format("{} {}\n{}", change.declaration->kind, shown(change.declaration->name),
                          change.before ? "not made by us; it stays as it is" : "gone already")]
            .push_back(change.host);
    for (const auto& [text, names] : hosts)
      line(fmt::format("{} {} on {}: no longer declared, and {}", style_.cyan("released:"),
                       text.substr(0, text.find('\n')), fold_hosts(names), text.substr(text.find('\n') + 1)));
  }

  void write_extras() {
    std::map<std::pair<std::string, std::string>, std::vector<std::string>> hosts;
    for (const auto& extra : plan_.extras) hosts[{extra.extra.kind, extra.extra.name}].push_back(extra.host);
    for (const auto& [key, names] : hosts)
      line(fmt::format("{} {} {} on {}: nobody declared it; it is left alone", style_.cyan("extra:"),
                       key.first, shown(key.second), fold_hosts(names)));
  }

  void write_end() {
    if (!out_.empty()) out_ += '\n';
    const auto sum = plan_.summary();
    std::set<std::string_view> lost;
    for (const auto& unchecked : plan_.unchecked) lost.insert(unchecked.host);
    const auto blocked = static_cast<std::size_t>(
        std::ranges::count_if(plan_.changes, [](const Change& c) { return c.is_stuck(); }));
    if (const auto impact = impact_text(plan_, style_); !impact.empty()) out_ += impact + '\n';
    if (blocked > 0)
      line(fmt::format("{} blocked: the plan leaves {} alone.", blocked, blocked == 1 ? "it" : "them"));
    if (!lost.empty())
      line(fmt::format("{} of {} could not be checked fully: this plan is not complete.", lost.size(),
                       count_of(plan_.hosts, "host")));
    for (const auto& why : plan_.refusals)
      line(fmt::format("{} {}: {}\n    {}", style_.red("refused:"), style_.bold(why.summary), why.detail,
                       why.advice));
    if (plan_.converged())
      line(fmt::format("No changes. {} on {} {} looked at and {} as declared.",
                       count_of(sum.no_op, "resource"), count_of(plan_.hosts, "host"),
                       sum.no_op == 1 ? "was" : "were", sum.no_op == 1 ? "is" : "are"));
    else
      line(fmt::format("Plan: {} to add, {} to change, {} to destroy.", sum.create, sum.update, sum.remove));
  }

  const Plan& plan_;
  const Style& style_;
  bool show_extra_;
  std::string out_;
};

}  // namespace

std::string_view sign_of(Action action) {
  switch (action) {
    case Action::create:
      return "+";
    case Action::update:
      return "~";
    case Action::remove:
      return "-";
    case Action::replace:
      return "-/+";
    case Action::blocked:
      return "!";
    case Action::no_op:
      break;
  }
  return " ";
}

std::string_view explain(Cause cause) {
  switch (cause) {
    case Cause::fresh:
      return "new: it is declared and not there yet";
    case Cause::manifest:
      return "manifest: the manifest changed since it was last applied";
    case Cause::drift:
      return "drift: the host changed since it was last applied";
    case Cause::both:
      return "both: the manifest and the host changed since it was last applied";
    case Cause::orphan:
      return "orphan: it is no longer declared";
    case Cause::adopt:
      return "adopt: it was there before it was declared, and differs";
    case Cause::none:
      break;
  }
  return "";
}

std::string value_text(const Value& value) { return std::visit(ValueWriter{}, value); }

std::string attributes_text(const Attributes& attributes) {
  std::vector<std::string> names;
  for (const auto& entry : attributes) names.push_back(entry.first);
  std::vector<std::string> parts;
  for (const auto& name : in_reading_order(std::move(names))) {
    const auto value = value_text(*attributes.find(name));
    parts.push_back(value.starts_with(name) ? value
                                            : fmt::format("{} {}", name, value));  // no "sha256 sha256:…"
  }
  return join(parts, ", ");
}

std::string plan_text(const Plan& plan, const Style& style, bool show_extra) {
  return PlanWriter(plan, style, show_extra).write();
}

std::string plan_markdown(const Plan& plan, bool show_extra) {
  const auto text = plan_text(plan, Style(false), show_extra);
  const auto last = text.substr(0, text.size() - 1).find_last_of('\n');
  const auto headline = last == std::string::npos ? text : text.substr(last + 1);
  const auto body = last == std::string::npos ? std::string() : text.substr(0, last + 1);
  std::string out = fmt::format("### {}: {}\n", printable(plan.source.cluster), headline);
  // A fence longer than any run of backticks inside keeps file contents from ending it.
  std::string fence = "```";
  while (body.contains(fence)) fence += '`';
  if (!trim(body).empty()) out += fmt::format("\n{}diff\n{}{}\n", fence, body, fence);
  return out;
}

}  // namespace tidelock
