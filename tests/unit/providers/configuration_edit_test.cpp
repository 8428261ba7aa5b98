#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "providers/slurm/configuration/edit.hpp"
#include "providers/slurm/configuration/query.hpp"
#include "tests/unit/providers/configuration_samples.hpp"

namespace tidelock::slurm {
namespace {

using namespace std::string_literals;

ConfigurationText slurm_conf(std::string text) {
  return ConfigurationText::parse(std::move(text), Dialect::slurm_conf);
}

std::string text_of(const Result<ConfigurationText>& edited) {
  return edited ? edited->text() : "refused: " + edited.error().detail;
}

std::string set(std::string text, std::string_view key, std::string_view value) {
  return text_of(set_parameter(slurm_conf(std::move(text)), key, value));
}

std::string set_list(std::string text, std::string_view key, const std::vector<std::string>& values) {
  return text_of(set_parameter_list(slurm_conf(std::move(text)), key, values));
}

std::string remove(std::string text, std::string_view key) {
  return text_of(remove_parameter(slurm_conf(std::move(text)), key));
}

std::string change(std::string text, std::size_t statement, const std::vector<Setting>& settings) {
  return text_of(change_record(slurm_conf(std::move(text)), statement, settings));
}

std::string add(std::string text, const std::vector<Setting>& settings) {
  return text_of(add_record(slurm_conf(std::move(text)), settings));
}

TEST(WrittenValue, QuotesAndEscapesWhatNeedsThem) {
  EXPECT_EQ(written_value("a,b=c"), "a,b=c");
  EXPECT_EQ(written_value("a b"), "\"a b\"");
  EXPECT_EQ(written_value(""), "\"\"");
  EXPECT_EQ(written_value("a", true), "\"a\"");
  EXPECT_EQ(written_value("a#b\\c"), "a\\#b\\\\c");
  EXPECT_EQ(written_value("\xff\t"), "\"\xff\t\"");
}

TEST(WrittenValue, RefusesWhatSlurmCouldNotReadBack) {
  for (const auto& value : {"a\"b"s, "a\nb"s, "a\rb"s, "a\0b"s, "a\x1b"s})
    EXPECT_FALSE(written_value(value)) << testing::PrintToString(value);
}

TEST(SetParameter, ReplacesTheValueAlone) {
  EXPECT_EQ(set("A=1\n clustername = old  # why\nB=2\n", "ClusterName", "new"),
            "A=1\n clustername = new  # why\nB=2\n");
  EXPECT_EQ(set("A=\"x y\"# why\r\n", "A", "z"), "A=\"z\"# why\r\n");
  EXPECT_EQ(set("A=x", "A", "y z"), "A=\"y z\"");
  EXPECT_EQ(set("A=1\na=2\n", "A", "3"), "A=1\na=3\n");
  EXPECT_EQ(set("A=x\\\ny\nB=1\n", "A", "z"), "A=z\nB=1\n");
  EXPECT_EQ(set("A=\\#x\\#\n", "A", "z"), "A=z\n");
  EXPECT_EQ(set("A=x\\ # why\ny\nB=1\n", "A", "z"), "A=z\\ # why\n\nB=1\n");
}

TEST(SetParameter, LeavesAValueThatIsWrittenOtherwise) {
  EXPECT_EQ(set("A=\"1\"\n", "A", "1"), "A=\"1\"\n");
  EXPECT_EQ(set("A=x\\y\n", "A", "xy"), "A=x\\y\n");
}

TEST(SetParameter, PutsANewOneBehindItsFamily) {
  constexpr auto text = "SlurmctldPort=1\nSlurmdPort=2\nSlurmctldDebug=3 \\\n\nNodeName=a\n";
  EXPECT_EQ(set(text, "SlurmctldTimeout", "9"),
            "SlurmctldPort=1\nSlurmdPort=2\nSlurmctldDebug=3 \\\n\nSlurmctldTimeout=9\nNodeName=a\n");
  EXPECT_EQ(set(text, "SlurmdDebug", "9"),
            "SlurmctldPort=1\nSlurmdPort=2\nSlurmdDebug=9\nSlurmctldDebug=3 \\\n\nNodeName=a\n");
  EXPECT_EQ(set(text, "SlurmUser", "x"),
            "SlurmctldPort=1\nSlurmdPort=2\nSlurmctldDebug=3 \\\n\nSlurmUser=x\nNodeName=a\n");
  EXPECT_EQ(set("SelectType=a\r\nB=1\r\n", "SelectTypeParameters", "c"),
            "SelectType=a\r\nSelectTypeParameters=c\r\nB=1\r\n");
  EXPECT_EQ(set("B=1\r\nSelectType=a\nB=2\r\n", "SelectTypeParameters", "c"),
            "B=1\r\nSelectType=a\nSelectTypeParameters=c\nB=2\r\n");
  EXPECT_EQ(set("SlurmctldPort=1\nB=1\n", "SlurmUser", "x"), "SlurmctldPort=1\nB=1\nSlurmUser=x\n");
}

TEST(SetParameter, PutsANewOneBeforeTheRecordsAndTheirComments) {
  EXPECT_EQ(set("# head\n\n# nodes\n# more\nNodeName=a\n", "A", "1"),
            "# head\n\nA=1\n# nodes\n# more\nNodeName=a\n");
  EXPECT_EQ(set("NodeName=a\nB=1\n", "A", "1"), "A=1\nNodeName=a\nB=1\n");
  EXPECT_EQ(set("B=1\n\n# nodes\nNodeName=a\nC=1\n", "A", "1"), "B=1\nA=1\n\n# nodes\nNodeName=a\nC=1\n");
  EXPECT_EQ(set("B=1\n# end\n", "A", "1"), "B=1\nA=1\n# end\n");
  EXPECT_EQ(set("Include x \\\n# y\n# nodes\nNodeName=a\n", "A", "1"),
            "Include x \\\n# y\nA=1\n# nodes\nNodeName=a\n");
}

TEST(SetParameter, NeverContinuesTheLineBefore) {
  EXPECT_EQ(set("", "A", "1"), "A=1\n");
  EXPECT_EQ(set("# x", "A", "1"), "# x\nA=1\n");
  EXPECT_EQ(set("B=1 \\", "A", "1"), "B=1 \\\n\nA=1\n");
  EXPECT_EQ(set("B=1 \\\n", "A", "1"), "B=1 \\\n\nA=1\n");
  EXPECT_EQ(set("B=1\nNodeName=a \\\n", "A", "1"), "B=1\nA=1\nNodeName=a \\\n");
  EXPECT_EQ(set("\\\r\n", "A", "1"), "\\\r\n\r\nA=1\r\n");
}

TEST(SetParameter, RefusesWhatItWouldHaveToGuess) {
  EXPECT_EQ(set("\nA=1 2\n", "A", "1"), "refused: line 2: not all of it was understood");
  EXPECT_EQ(set("A=1\0\n"s, "A", "2"), "refused: line 1: not all of it was understood");
  EXPECT_EQ(set("", "A B", "1"), "refused: \"A B\" is no key");
  EXPECT_EQ(set("", "nodename", "1"), "refused: nodename begins a record and is no parameter");
  EXPECT_EQ(set("", "A", "\""), "refused: a value with a double quote cannot be written");
}

TEST(SetParameterList, MakesTheLinesWhatTheListIs) {
  constexpr auto text = "SlurmctldHost=a # first\nB=1\nslurmctldhost=b\n";
  EXPECT_EQ(set_list(text, "SlurmctldHost", {"c", "b"}), "SlurmctldHost=c # first\nB=1\nslurmctldhost=b\n");
  EXPECT_EQ(set_list(text, "SlurmctldHost", {"a"}), "SlurmctldHost=a # first\nB=1\n");
  EXPECT_EQ(set_list(text, "SlurmctldHost", {"a", "b", "c", "d"}),
            "SlurmctldHost=a # first\nB=1\nslurmctldhost=b\nSlurmctldHost=c\nSlurmctldHost=d\n");
  EXPECT_EQ(set_list("B=1\r\n", "A", {"1", "2"}), "B=1\r\nA=1\r\nA=2\r\n");
  EXPECT_EQ(set(text, "SlurmctldHost", "b"), "SlurmctldHost=b # first\nB=1\n");
}

TEST(RemoveParameter, TakesAllItsLines) {
  EXPECT_EQ(remove("# x\nA=1 \\\n# y\nB=2\na=3", "A"), "# x\nB=2\n");
  EXPECT_EQ(remove("B=2\n", "A"), "B=2\n");
  EXPECT_EQ(remove("A=1\nA=1 2\n", "A"), "refused: line 2: not all of it was understood");
}

TEST(ChangeRecord, ChangesSetsAndTakesAwayInPlace) {
  constexpr auto text = "NodeName=a \\\n   CPUs=4 \\\n   Gres=gpu:1 # why\nNodeName=b CPUs=4\n";
  EXPECT_EQ(change(text, 0, {{"cpus", "8"}}),
            "NodeName=a \\\n   CPUs=8 \\\n   Gres=gpu:1 # why\nNodeName=b CPUs=4\n");
  EXPECT_EQ(change(text, 0, {{"CPUs", {}}}), "NodeName=a \\\n   Gres=gpu:1 # why\nNodeName=b CPUs=4\n");
  EXPECT_EQ(change(text, 0, {{"Gres", {}}}), "NodeName=a \\\n   CPUs=4 # why\nNodeName=b CPUs=4\n");
  EXPECT_EQ(change(text, 0, {{"Gres", {}}, {"CPUs", {}}, {"State", "UP"}, {"Reason", "x y"}}),
            "NodeName=a State=UP Reason=\"x y\" # why\nNodeName=b CPUs=4\n");
  EXPECT_EQ(change(text, 1, {{"NodeName", "c"}, {"Weight", "1"}}),
            "NodeName=a \\\n   CPUs=4 \\\n   Gres=gpu:1 # why\nNodeName=c CPUs=4 Weight=1\n");
}

TEST(ChangeRecord, LeavesAValueThatIsWrittenOtherwise) {
  EXPECT_EQ(change("NodeName=a State=\\UP\n", 0, {{"State", "UP"}}), "NodeName=a State=\\UP\n");
}

TEST(ChangeRecord, KeepsCommentsBetweenItsLines) {
  constexpr auto text = "NodeName=a \\ # one\n CPUs=4 \\ # two\n Gres=x\n";
  EXPECT_EQ(change(text, 0, {{"CPUs", {}}}), "NodeName=a\\ # one\n \\ # two\n Gres=x\n");
  EXPECT_EQ(change(text, 0, {{"CPUs", {}}, {"Gres", {}}, {"State", "UP"}}),
            "NodeName=a\\ # one\n\\ # two\n State=UP\n");
}

TEST(ChangeRecord, OfAKeyThatIsThereTwiceTheLastOneCounts) {
  EXPECT_EQ(change("NodeName=a CPUs=1 CPUs=2\n", 0, {{"CPUs", "3"}}), "NodeName=a CPUs=1 CPUs=3\n");
  EXPECT_EQ(change("NodeName=a CPUs=1 State=x CPUs=2\n", 0, {{"CPUs", {}}}), "NodeName=a State=x\n");
}

TEST(ChangeRecord, RefusesWhatItWouldHaveToGuess) {
  EXPECT_EQ(change("NodeName=a b\n", 0, {{"CPUs", "1"}}),
            "refused: line 1: it is no record that was understood");
  EXPECT_EQ(change("A=1\n", 0, {{"CPUs", "1"}}), "refused: line 1: it is no record that was understood");
  EXPECT_EQ(change("A=1\n", 1, {{"CPUs", "1"}}), "refused: there is no such record");
  EXPECT_EQ(change("NodeName=a\n", 0, {{"NODENAME", {}}}),
            "refused: line 1: a record cannot be without NODENAME");
  EXPECT_EQ(change("NodeName=a\n", 0, {{"CPUs", "1"}, {"cpus", {}}}), "refused: cpus is asked for twice");
  EXPECT_EQ(change("NodeName=a\n", 0, {{"CPU s", "1"}}), "refused: \"CPU s\" is no key");
}

TEST(AddRecord, GoesBehindTheLastOfItsSort) {
  constexpr auto text = "NodeName=a \\\n CPUs=1\n# partitions\nPartitionName=p\n";
  EXPECT_EQ(add(text, {{"NodeName", "b"}, {"Reason", "x y"}}),
            "NodeName=a \\\n CPUs=1\nNodeName=b Reason=\"x y\"\n# partitions\nPartitionName=p\n");
  EXPECT_EQ(add(text, {{"NodeSet", "s"}, {"Nodes", "a"}}),
            "NodeName=a \\\n CPUs=1\n# partitions\nPartitionName=p\nNodeSet=s Nodes=a\n");
  EXPECT_EQ(add("NodeName=a \\", {{"NodeName", "b"}}), "NodeName=a \\\n\nNodeName=b\n");
}

TEST(AddRecord, DoesNothingTwice) {
  EXPECT_EQ(add("nodename=a  CPUs=1\n", {{"NodeName", "a"}, {"CPUs", "1"}}), "nodename=a  CPUs=1\n");
  EXPECT_EQ(add("NodeName=a CPUs=1\n", {{"NodeName", "a"}}),
            "refused: line 1: it begins with the same key and value");
  EXPECT_EQ(add("NodeName=DEFAULT CPUs=1\n", {{"NodeName", "DEFAULT"}, {"State", "UP"}}),
            "NodeName=DEFAULT CPUs=1\nNodeName=DEFAULT State=UP\n");
  EXPECT_EQ(add("", {{"CPUs", "1"}, {"NodeName", "a"}}), "refused: a record begins with another key");
  EXPECT_EQ(add("", {{"NodeName", "a"}, {"CPUs", {}}}), "refused: CPUs needs a key and a value");
}

TEST(AddRecord, RefusesWhatWouldBeAProblem) {
  EXPECT_EQ(add("", {{"NodeName", "DEFAULT"}, {"NodeAddr", "x"}}),
            "refused: Slurm would not read it: an address or host name for NodeName=DEFAULT");
  EXPECT_EQ(add("?\n", {{"NodeName", "a"}, {"NODENAME", "x"}}),
            "refused: Slurm would not read it: the key that begins the record is there twice");
  EXPECT_EQ(add(std::string(max_configuration_text, '\n'), {{"NodeName", "a"}}),
            "refused: the text is too long");
}

TEST(AddRecord, GresRecordsMayBeginAlike) {
  const auto text = ConfigurationText::parse("Name=gpu File=/dev/a\n", Dialect::gres_conf);
  const std::vector<Setting> gpu{{"Name", "gpu"}, {"File", "/dev/b"}};
  EXPECT_EQ(text_of(add_record(text, gpu)), "Name=gpu File=/dev/a\nName=gpu File=/dev/b\n");
}

TEST(RemoveRecord, TakesTheLinesThatContinueItAndNoComment) {
  const auto text = slurm_conf("# one\nNodeName=a \\\n CPUs=1 # two\n# three\nB=1\n");
  EXPECT_EQ(text_of(remove_record(text, 0)), "# one\n# three\nB=1\n");
  EXPECT_EQ(text_of(remove_record(text, 1)), "refused: line 5: it is no record that was understood");
}

/// All that is said, but for line numbers and one statement.
std::vector<std::string> said_without(const ConfigurationText& configuration, std::size_t statement) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < configuration.statements().size(); ++i)
    if (i != statement) all.push_back(said(configuration.statements()[i]));
  return all;
}

constexpr auto none = static_cast<std::size_t>(-1);

/// Of the old text only bytes of this range are missing in the new one.
void expect_only_inside(const std::string& before, const std::string& after, Range range) {
  const auto tail = before.substr(range.end);
  EXPECT_TRUE(after.starts_with(before.substr(0, range.begin)));
  EXPECT_TRUE(after.ends_with(tail));
  EXPECT_GE(after.size(), range.begin + tail.size());
}

/// The new text is the old one with one piece put in where a line begins or at the end.
void expect_inserted(const std::string& before, const std::string& after) {
  const auto [old_end, new_end] = std::ranges::mismatch(before, after);
  auto at = static_cast<std::size_t>(old_end - before.begin());
  const auto added = after.size() - before.size();
  const auto fits = [&](std::size_t i) {
    const bool line = i == 0 || i == before.size() || before[i - 1] == '\n';
    return line && after.substr(0, i) + after.substr(i + added) == before;
  };
  while (at > 0 && !fits(at)) --at;
  EXPECT_TRUE(fits(at));
}

void expect_parameter_set(const ConfigurationText& before, const ConfigurationText& after,
                          std::string_view key, std::string_view value) {
  EXPECT_EQ(parameter(after, key).value, value);
  const auto old = parameters(before, key);
  const auto now = parameters(after, key);
  EXPECT_TRUE(!is_list_parameter(key) || now.size() == 1);
  if (is_list_parameter(key) && old.size() > 1) return;
  EXPECT_EQ(said_without(before, old.empty() ? none : old.back()), said_without(after, now.back()));
  if (old.empty())
    expect_inserted(before.text(), after.text());
  else
    expect_only_inside(before.text(), after.text(), before.statements()[old.back()].pairs[0].value_at);
}

TEST(EditProperties, AParameterIsSetAndNothingElse) {
  for (unsigned seed = 1; seed <= 4000; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Samples samples(seed);
    const auto before = slurm_conf(seed % 4 == 0 ? samples.garbage() : samples.configuration());
    const auto key = samples.parameter_key();
    const auto value = samples.value();
    const auto after = set_parameter(before, key, value);
    if (!after && before.problems().empty()) ADD_FAILURE() << after.error().detail;
    if (after) {
      expect_parameter_set(before, *after, key, value);
      EXPECT_EQ(text_of(set_parameter(*after, key, value)), after->text());
    }
    if (testing::Test::HasFailure()) FAIL() << key << '=' << value << " in\n" << before.text();
  }
}

TEST(EditProperties, AParameterIsTakenAwayAndNothingElse) {
  for (unsigned seed = 1; seed <= 2000; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Samples samples(seed);
    const auto before = slurm_conf(samples.configuration());
    const auto key = samples.parameter_key();
    const auto after = remove_parameter(before, key);
    ASSERT_TRUE(after) << before.text();
    std::string expected = before.text();
    const auto lines = parameters(before, key);
    for (auto i = lines.rbegin(); i != lines.rend(); ++i) {
      const auto at = before.statements()[*i].at;
      expected.erase(at.begin, at.end - at.begin);
    }
    EXPECT_EQ(after->text(), expected);
    EXPECT_TRUE(parameters(*after, key).empty());
  }
}

/// Every comment in a sample says why.
std::size_t comments_in(std::string_view text) {
  std::size_t count = 0;
  for (auto at = text.find("why"); at != std::string_view::npos; at = text.find("why", at + 1)) ++count;
  return count;
}

void expect_record_changed(const ConfigurationText& before, const ConfigurationText& after,
                           std::size_t record, const Setting& setting) {
  const auto& old = before.statements()[record];
  ASSERT_EQ(after.statements().size(), before.statements().size());
  EXPECT_EQ(said_without(before, record), said_without(after, record));
  expect_only_inside(before.text(), after.text(), {old.pairs.front().at.end, old.pairs.back().at.end});
  const auto* now = find_pair(after.statements()[record], setting.key);
  EXPECT_EQ(now == nullptr ? std::nullopt : std::optional(now->value), setting.value);
  const auto others = [&](const Statement& statement) {
    std::string text;
    for (const auto& pair : statement.pairs)
      if (!same_word(pair.key, setting.key)) text += fmt::format("{}={} ", pair.key, pair.value);
    return text;
  };
  EXPECT_EQ(others(after.statements()[record]), others(old));
  EXPECT_EQ(comments_in(after.text()), comments_in(before.text()));
}

TEST(EditProperties, AKeyOfARecordIsChangedAndNothingElse) {
  for (unsigned seed = 1; seed <= 6000; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Samples samples(seed);
    const auto before = slurm_conf(samples.configuration());
    if (before.statements().empty()) continue;
    const auto record = samples.below(before.statements().size());
    const Setting setting{samples.record_key(),
                          samples.one_in(3) ? std::nullopt : std::optional(samples.value())};
    const auto after = change_record(before, record, std::span(&setting, 1));
    ASSERT_EQ(after.has_value(), is_record(before.statements()[record].sort));
    if (!after) continue;
    expect_record_changed(before, *after, record, setting);
    EXPECT_EQ(text_of(change_record(*after, record, std::span(&setting, 1))), after->text());
    if (testing::Test::HasFailure())
      FAIL() << record << ' ' << setting.key << '=' << setting.value.value_or("-") << " in\n"
             << before.text();
  }
}

TEST(EditProperties, ARecordIsAddedAndTakenAwayAndNothingElse) {
  for (unsigned seed = 1; seed <= 3000; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Samples samples(seed);
    const auto before = slurm_conf(samples.configuration());
    const std::vector<Setting> record{{"NodeName", "new"}, {samples.record_key(), samples.value()}};
    const auto added = add_record(before, record);
    ASSERT_TRUE(added);
    expect_inserted(before.text(), added->text());
    EXPECT_EQ(text_of(add_record(*added, record)), added->text());
    const auto index = statements_of(*added, Sort::node).back();
    EXPECT_EQ(said(added->statements()[index]),
              fmt::format("NodeName=new {}={}", record[1].key, *record[1].value));
    EXPECT_EQ(said_without(before, none), said_without(*added, index));
    const auto removed = remove_record(*added, index);
    ASSERT_TRUE(removed);
    EXPECT_EQ(said_without(before, none), said_without(*removed, none));
    if (testing::Test::HasFailure()) FAIL() << before.text();
  }
}

}  // namespace
}  // namespace tidelock::slurm
