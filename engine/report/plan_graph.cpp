#include "engine/report/plan_graph.hpp"

#include <map>
#include <set>

#include <fmt/format.h>

#include "engine/base/hostlist.hpp"
#include "engine/base/text.hpp"
#include "engine/report/fold.hpp"
#include "engine/report/plan_text.hpp"

namespace tidelock {
namespace {

/// A quoted string: no name can end it, and none is taken for an escape.
std::string dot_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : printable(text)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

/// Lines of a label, one below the other.
std::string label(const std::vector<std::string>& lines) {
  std::string out;
  for (const auto& line : lines) {
    const auto word = dot_string(line);
    out += (out.empty() ? "" : "\\n") + word.substr(1, word.size() - 2);
  }
  return '"' + out + '"';
}

std::string_view colour_of(Action action) {
  switch (action) {
    case Action::create:
      return "#2e7d32";
    case Action::update:
      return "#b26a00";
    case Action::remove:
    case Action::replace:
    case Action::blocked:
      return "#b71c1c";
    case Action::no_op:
      break;
  }
  return "#757575";
}

class GraphWriter {
 public:
  GraphWriter(const Plan& plan, bool everything) : plan_(plan), folded_(fold_changes(plan, everything)) {
    for (std::size_t i = 0; i < folded_.size(); ++i)
      for (const auto* change : folded_[i].all) node_of_[change] = i;
  }

  std::string write() && {
    out_ = fmt::format("digraph plan {{\n  label={};\n", dot_string(plan_.source.cluster));
    out_ += "  labelloc=t; rankdir=LR; fontname=\"sans-serif\";\n";
    out_ += "  node [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=11];\n";
    out_ += "  edge [color=\"#9e9e9e\", arrowsize=0.7];\n";
    for (std::size_t i = 0; i < folded_.size(); ++i) write_node(i);
    write_edges();
    return std::move(out_) + "}\n";
  }

 private:
  void write_node(std::size_t i) {
    const auto& change = *folded_[i].change;
    const auto& declaration = *change.declaration;
    const auto colour = dot_string(colour_of(change.action));
    std::vector<std::string> lines{
        fmt::format("{} {} {}", sign_of(change.action), declaration.kind, shown(declaration.name)),
        fold_hosts(folded_[i].hosts)};
    if (change.action == Action::blocked) lines.push_back("blocked: " + change.blocked_because);
    if (change.cause != Cause::none && change.action != Action::blocked)
      lines.emplace_back(to_string(change.cause));
    out_ += fmt::format("  n{} [label={}, color={}, fontcolor={}, tooltip={}{}];\n", i, label(lines), colour,
                        colour, dot_string(tooltip(change)),
                        change.action == Action::blocked ? ", style=\"rounded,dashed\"" : "");
  }

  static std::string tooltip(const Change& change) {
    auto text = std::string(explain(change.cause));
    if (const auto place = to_string(change.declaration->at); !place.empty())
      text += fmt::format("{}({})", text.empty() ? "" : " ", place);
    return text;
  }

  void write_edges() {
    std::set<std::pair<std::size_t, std::size_t>> edges;
    for (const auto& [change, node] : node_of_)
      for (const auto before : change->after)
        if (const auto first = node_of_.find(&plan_.changes[before]);
            first != node_of_.end() && first->second != node)
          edges.emplace(first->second, node);
    for (const auto& [from, to] : edges) out_ += fmt::format("  n{} -> n{};\n", from, to);
  }

  const Plan& plan_;
  std::vector<FoldedChange> folded_;
  std::map<const Change*, std::size_t> node_of_;
  std::string out_;
};

}  // namespace

std::string plan_dot(const Plan& plan, bool everything) { return GraphWriter(plan, everything).write(); }

}  // namespace tidelock
