#pragma once

#include <array>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "providers/slurm/configuration/query.hpp"
#include "providers/slurm/configuration/text.hpp"

namespace tidelock::slurm {

/// What is said, a line for each statement: its line number and its pairs as Slurm sees them.
inline std::string said(const Statement& statement) {
  if (statement.sort == Sort::unclear) return "?";
  if (statement.sort == Sort::include) return "include " + statement.pairs[0].value;
  std::string out;
  for (const auto& pair : statement.pairs)
    out += fmt::format("{}{}={}", out.empty() ? "" : " ", pair.key, pair.value);
  return out;
}

inline std::string said(const ConfigurationText& configuration) {
  std::string out;
  for (const auto& statement : configuration.statements())
    out += fmt::format("{} {}\n", statement.line, said(statement));
  return out;
}

inline std::string said(std::string text) {
  return said(ConfigurationText::parse(std::move(text), Dialect::slurm_conf));
}

/// Texts made up from a seed.
class Samples {
 public:
  explicit Samples(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
  }
  bool one_in(std::size_t n) { return below(n) == 0; }
  std::string_view pick(const auto& words) { return words[below(words.size())]; }

  /// All that matters to the parser, in any order.
  std::string garbage() {
    using namespace std::string_view_literals;
    constexpr std::array pieces{"NodeName"sv,
                                "PartitionName"sv,
                                "Name"sv,
                                "Include"sv,
                                "a"sv,
                                "B.c_9"sv,
                                "="sv,
                                "="sv,
                                "="sv,
                                "+="sv,
                                "\""sv,
                                "\""sv,
                                "#"sv,
                                "\\"sv,
                                "\\"sv,
                                "\n"sv,
                                "\n"sv,
                                "\r\n"sv,
                                " "sv,
                                " "sv,
                                "\t"sv,
                                "\v"sv,
                                "\0"sv,
                                "\xff"sv,
                                "\xc3\xa9"sv,
                                "[1-3]"sv,
                                ","sv,
                                "\\\n"sv,
                                "A=b "sv,
                                "DEFAULT"sv,
                                "nodename=n CPUs=4"sv};
    std::string text;
    for (auto n = below(40); n > 0; --n) text += pick(pieces);
    return text;
  }

  /// A configuration that Slurm would read, written in all the ways there are.
  std::string configuration() {
    line_end_ = one_in(4) ? "\r\n" : "\n";
    std::string text;
    for (auto n = below(12); n > 0; --n) text += line();
    if (one_in(4) && text.ends_with(line_end_)) text.resize(text.size() - line_end_.size());
    if (one_in(8)) text += "\\";
    return text;
  }

  std::string parameter_key() {
    constexpr std::array<std::string_view, 6> keys{"SlurmctldPort", "SlurmctldDebug", "SlurmdPort",
                                                   "ClusterName",   "SlurmctldHost",  "SelectType"};
    return spelt(pick(keys));
  }
  std::string record_key() {
    constexpr std::array<std::string_view, 4> keys{"CPUs", "State", "RealMemory", "Weight"};
    return spelt(pick(keys));
  }
  std::string value() {
    constexpr std::array<std::string_view, 8> values{"1", "2", "a b", "", "x#y", "c:\\d", "\xff", "k=v"};
    return std::string(pick(values));
  }

 private:
  std::string spelt(std::string_view key) { return one_in(3) ? lower_case(key) : std::string(key); }
  std::string blank() { return one_in(6) ? "\t " : one_in(6) ? "  " : " "; }
  std::string end() { return (one_in(5) ? blank() + "# \\ why" : one_in(8) ? "# why" : "") + line_end_; }

  /// Between two words of a record.
  std::string gap() {
    if (one_in(6)) return " \\" + line_end_ + blank();
    if (one_in(12)) return " \\ # why" + line_end_ + blank();
    return blank();
  }

  std::string assignment(const std::string& key) {
    constexpr std::array<std::string_view, 5> signs{"=", "=", "=", " = ", "+= "};
    constexpr std::array<std::string_view, 8> values{"1",     "\"a b\"", "\"2\"",  "\"\"",
                                                     "x\\#y", "c:\\\\d", "a\\\nb", "a,\\ # why\nb"};
    return key + std::string(pick(signs)) + std::string(pick(values));
  }

  std::string record() {
    constexpr std::array<std::string_view, 6> heads{"NodeName=n",      "NodeName=DEFAULT", "PartitionName=p",
                                                    "partitionname=q", "NodeSet=s",        "DownNodes=n"};
    std::string text(pick(heads));
    for (auto n = below(4); n > 0; --n) text += gap() + assignment(record_key());
    return text;
  }

  std::string line() {
    if (one_in(5)) return "# why" + end();
    if (one_in(5)) return line_end_;
    if (one_in(12)) return "Include more " + end();
    return (one_in(6) ? blank() : "") + (one_in(2) ? record() : assignment(parameter_key())) + end();
  }

  std::mt19937 random_;
  std::string line_end_ = "\n";
};

}  // namespace tidelock::slurm
