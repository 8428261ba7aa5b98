#include "engine/manifest/yaml.hpp"

#include <memory>

#include <gtest/gtest.h>

#include "tests/unit/manifest/support.hpp"

namespace tidelock::test {
namespace {

using std::string_literals::operator""s;

struct Read {
  std::optional<Node> tree;
  std::string messages;
};

Read read(std::string text) {
  const auto source = std::make_shared<const SourceFile>(
      SourceFile{.name = "m.yaml", .directory = "/site", .text = std::move(text)});
  Budget budget;
  Diagnostics diagnostics;
  Read result{.tree = read_yaml(source, budget, diagnostics), .messages = {}};
  result.messages = shown(diagnostics);
  return result;
}

std::string tree(std::string text) {
  const auto result = read(std::move(text));
  return result.messages + (result.tree ? shown(*result.tree) : "no tree");
}

std::string messages(std::string text) { return read(std::move(text)).messages; }

TEST(Yaml, KeepsWhatIsWritten) {
  EXPECT_EQ(tree("a: 0755\nb: no\nc: 8:00:00\nd: \"x\"\ne: 'y'\nf: true\ng: ~\nh:\ni: 1.10\n"),
            "{a: 0755, b: no, c: 8:00:00, d: 'x', e: 'y', f: true, g: null, h: null, i: 1.10}");
  EXPECT_EQ(tree("{a: [b, {c: d}], e: []}"), "{a: [b, {c: d}], e: []}");
  EXPECT_EQ(tree("a: |\n  one\n  two\nb: >-\n  one\n  two\n"), "{a: 'one\ntwo\n', b: 'one two'}");
}

TEST(Yaml, KnowsSecrets) {
  EXPECT_EQ(tree("a: !env NAME\nb: !file \"a/b c\"\nc: !command pass show x\n"),
            "{a: !env NAME, b: !file a/b c, c: !command pass show x}");
}

TEST(Yaml, PlacesCountFromOneInBytes) {
  const auto result = read("a: 1\nüü: {b: [x, !env Y]}\n");
  const auto& entry = result.tree->entries()[1];
  EXPECT_EQ(to_string(result.tree->at()), "m.yaml:1:1");
  EXPECT_EQ(to_string(entry.key_at), "m.yaml:2:1");
  EXPECT_EQ(to_string(entry.value.at()), "m.yaml:2:7");
  const auto& items = *entry.value.find("b")->sequence();
  EXPECT_EQ(to_string(items[0].at()), "m.yaml:2:12");
  EXPECT_EQ(to_string(items[1].at()), "m.yaml:2:15");
}

TEST(Yaml, AnEmptyValueStandsWhereItsKeyStands) {
  const auto result = read("a:\n  b:\n\n\nc: 1\n");
  EXPECT_EQ(to_string(result.tree->find("a")->find("b")->at()), "m.yaml:2:3");
}

TEST(Yaml, FilesWithoutContentAreEmpty) {
  EXPECT_EQ(tree(""), "null");
  EXPECT_EQ(tree("# nothing\n\n"), "null");
  EXPECT_EQ(tree("---\n"), "null");
  EXPECT_EQ(tree("--- # x\n...\n"), "null");
}

TEST(Yaml, LineEndsMayBeCrLf) {
  EXPECT_EQ(tree("a: 1\r\nb:\r\n  - x\r\nc: |\r\n  p\r\n  q\r\n"), "{a: 1, b: [x], c: 'p\nq\n'}");
}

TEST(Yaml, AnchorsAreCopied) {
  EXPECT_EQ(tree("a: &x {b: 1}\nc: *x\nd: [*x, *x]\n"), "{a: {b: 1}, c: {b: 1}, d: [{b: 1}, {b: 1}]}");
  EXPECT_EQ(tree("&k a: 1\nb: *k\n"), "{a: 1, b: a}");
}

TEST(Yaml, AnAnchorInItselfIsRefused) {
  EXPECT_EQ(messages("a: &x [1, *x]\n"),
            "m.yaml:1:11: error: Anchor contains itself\n"
            "  this alias stands inside the value that it repeats\n");
}

TEST(Yaml, ARepeatedKeyIsRefusedAndItsFirstValueStays) {
  EXPECT_EQ(tree("a: 1\nb: 2\n\"a\": 3\n"),
            "m.yaml:3:1: error: Duplicate key\n"
            "  \"a\" stands twice in one map\n"
            "  m.yaml:1:1: first here\n"
            "{a: 1, b: 2}");
}

TEST(Yaml, KeysAreTexts) {
  EXPECT_EQ(tree("? [a]\n: 1\n? {b: c}\n: 2\n~: 3\n!env X: 4\n<<: {d: e}\n\"<<\": 5\n"),
            "m.yaml:1:3: error: Key is not a text\n"
            "  the keys of a map are single values without a tag\n"
            "m.yaml:3:3: error: Key is not a text\n"
            "  the keys of a map are single values without a tag\n"
            "m.yaml:5:1: error: Key is not a text\n"
            "  an empty key, or the word null without quotes\n"
            "m.yaml:6:1: error: Key is not a text\n"
            "  the keys of a map are single values without a tag\n"
            "m.yaml:7:1: error: Merge keys are not supported\n"
            "  write a node type and name it under \"extends\" instead of <<\n"
            "{<<: 5}");
}

TEST(Yaml, OtherTagsAreRefused) {
  EXPECT_EQ(messages("a: !!str 1\nb: !Ref x\nc: !<tag:x,2000:y> z\nd: !env {a: 1}\ne: !!map {}\n"),
            "m.yaml:1:4: error: Unknown tag\n"
            "  \"!!str\" means nothing here: the tags are !env NAME, !file PATH and !command TEXT; types "
            "come from the "
            "schema, so that no other tag is needed\n"
            "m.yaml:2:4: error: Unknown tag\n"
            "  \"!Ref\" means nothing here: the tags are !env NAME, !file PATH and !command TEXT; types come "
            "from the "
            "schema, so that no other tag is needed\n"
            "m.yaml:3:4: error: Unknown tag\n"
            "  \"tag:x,2000:y\" means nothing here: the tags are !env NAME, !file PATH and !command TEXT; "
            "types come from "
            "the schema, so that no other tag is needed\n"
            "m.yaml:4:4: error: Unknown tag\n"
            "  \"!env\" cannot stand before a map; only single values have tags\n"
            "m.yaml:5:4: error: Unknown tag\n"
            "  \"!!map\" cannot stand before a map; only single values have tags\n");
}

TEST(Yaml, SecretsNeedANameOfTheirSource) {
  EXPECT_EQ(messages("a: !env 1X\nb: !env\nc: !file\nd: !command ''\n"),
            "m.yaml:1:4: error: Secret is not valid\n"
            "  \"1X\" is no name of an environment variable; write !env NAME\n"
            "m.yaml:2:4: error: Secret is not valid\n"
            "  \"\" is no name of an environment variable; write !env NAME\n"
            "m.yaml:3:4: error: Secret is not valid\n"
            "  nothing stands behind !file\n"
            "m.yaml:4:4: error: Secret is not valid\n"
            "  nothing stands behind !command\n");
}

TEST(Yaml, OneDocumentAFile) {
  EXPECT_EQ(messages("a: 1\n---\nb: 2\n"),
            "m.yaml:2:1: error: More than one document\n"
            "  the manifest ended before this place: a file holds one YAML document; remove the ---, or "
            "whatever stands here "
            "outside the map\n");
  EXPECT_EQ(messages(",").substr(0, 41), "m.yaml:1:1: error: More than one document");
}

TEST(Yaml, NulIsRefusedAlsoAsAnEscape) {
  EXPECT_EQ(messages("a: \"x\\0y\"\n"),
            "m.yaml:1:4: error: NUL character\n"
            "  a text with a NUL character cannot reach any host; remove the \\0\n");
  EXPECT_EQ(messages("a: 1\nb: x\0y\n"s),
            "m.yaml:2:5: error: Control character\n"
            "  byte 0x00 cannot stand in YAML: is this a text file in UTF-8?\n");
}

/// yaml-cpp would drop the byte 0x04 without a word.
TEST(Yaml, ControlCharactersAreRefused) {
  for (const char c : {'\x01', '\x04', '\x07', '\x1b', '\x7f'})
    EXPECT_EQ(messages("a: b"s + c + "c\n").substr(0, 36), "m.yaml:1:5: error: Control character") << int{c};
  EXPECT_EQ(tree("a: \"\\x1b\"\n"), "{a: '\x1b'}");
}

TEST(Yaml, OtherEncodingsAreRefused) {
  EXPECT_EQ(messages("a: \xfc\n"),
            "m.yaml:1:4: error: File is not UTF-8\n"
            "  save the file in UTF-8; the text after this place is in another encoding\n");
  EXPECT_EQ(messages("\xff\xfe"
                     "a\0:\0"s),
            "m.yaml:1:4: error: Control character\n"
            "  byte 0x00 cannot stand in YAML: is this a text file in UTF-8?\n");
}

std::string syntax(std::string text) {
  const auto all = messages(std::move(text));
  constexpr std::string_view summary = "error: YAML syntax error\n  ";
  const auto at = all.find(summary);
  return at == std::string::npos ? all : all.substr(0, at) + all.substr(at + summary.size());
}

TEST(YamlSyntax, IsExplained) {
  EXPECT_EQ(syntax("a: [1, 2\nb: 3\n"), "m.yaml:1:4: this [ is not closed by its ]\n");
  EXPECT_EQ(syntax("a: {x: [1, 2]\n"), "m.yaml:1:4: this { is not closed by its }\n");
  EXPECT_EQ(syntax("a: 1}\n"), "");
  EXPECT_EQ(syntax("a: 1\n}\n"), "m.yaml:2:1: a } or ] without its beginning\n");
  EXPECT_EQ(syntax("a:\n\tb: 1\n"), "m.yaml:2:3: tabs cannot indent; write spaces\n");
  EXPECT_EQ(syntax("a: b: c\n"),
            "m.yaml:1:5: a key cannot stand here; check the indentation, and put a text that holds \": \" in "
            "quotes\n");
  EXPECT_EQ(syntax("a:\n  b: 1\n c: 2\n"),
            "m.yaml:3:2: this does not belong to the map above; check the indentation\n");
  EXPECT_EQ(syntax("a:\n  - 1\n b\n"),
            "m.yaml:3:2: this does not belong to the map above; check the indentation\n");
  EXPECT_EQ(syntax("a: @b\n"),
            "m.yaml:1:4: a value cannot begin with this character; put the text in quotes\n");
  EXPECT_EQ(syntax("a: *b\n"),
            "m.yaml:1:4: no anchor of this name stands before; put a text that begins with * in quotes\n");
  EXPECT_EQ(syntax("a: \"\\q\"\n"),
            "m.yaml:1:7: double quotes do not know this escape; write \\\\ for a backslash, or use single "
            "quotes\n");
}

TEST(YamlSyntax, AnUnclosedQuoteIsShownWhereItBegins) {
  EXPECT_EQ(syntax("a: 'b\nc: d\n"), "m.yaml:1:4: this quote is not closed\n");
  EXPECT_EQ(syntax("a: 1\nb: !file &x \"c: d\\\"\n"), "m.yaml:2:13: this quote is not closed\n");
  EXPECT_EQ(syntax("a: 'it''s\n"), "m.yaml:1:4: this quote is not closed\n");
  EXPECT_EQ(syntax("a: 'it''s'\n"), "");
  EXPECT_EQ(syntax("a: \"b\nc: \"d\"\n"),
            "m.yaml:2:5: this does not belong to the map above; check the indentation\n"
            "  m.yaml:1:4: the text in quotes that begins here ends lines below; is that meant?\n");
}

TEST(YamlSyntax, BracketsInTextsNeedQuotesInsideOfBrackets) {
  EXPECT_EQ(tree("a: 10.0.0.[1-2]\nb: ${x}\n"), "{a: 10.0.0.[1-2], b: ${x}}");
  constexpr std::string_view why =
      "inside of { } and [ ], a text that holds brackets or ${name} has to be in quotes\n";
  EXPECT_EQ(syntax("a: { b: 10.0.0.[1-2] }\n"), "m.yaml:1:16: " + std::string(why));
  EXPECT_EQ(syntax("a: { b: ${x} }\n"), "m.yaml:1:10: " + std::string(why));
  EXPECT_EQ(syntax("a: [node[1-2]]\n"), "m.yaml:1:9: " + std::string(why));
}

TEST(Yaml, NestingIsBounded) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(messages(nested(max_yaml_depth)), "");
  EXPECT_EQ(messages(nested(max_yaml_depth + 1)),
            "m.yaml:1:65: error: Nesting is too deep\n"
            "  lists and maps may stand in each other 64 times\n");
}

TEST(Yaml, TheBudgetEndsTheReading) {
  const auto source = std::make_shared<const SourceFile>(
      SourceFile{.name = "m.yaml", .directory = "/", .text = "[1, 2, 3, 4]"});
  Diagnostics diagnostics;
  Budget enough(5);
  EXPECT_TRUE(read_yaml(source, enough, diagnostics));
  EXPECT_FALSE(enough.exhausted());
  Budget small(4);
  EXPECT_FALSE(read_yaml(source, small, diagnostics));
  EXPECT_TRUE(small.exhausted());
  EXPECT_TRUE(diagnostics.empty());
}

}  // namespace
}  // namespace tidelock::test
