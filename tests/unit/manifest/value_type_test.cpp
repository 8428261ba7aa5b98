#include "engine/manifest/value_type.hpp"

#include <limits>
#include <random>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidelock {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Words = std::vector<std::string>;

Value parsed(std::string_view type, std::string_view text, bool quoted = false) {
  auto value = value_type(type).parse({.text = text, .quoted = quoted});
  return value ? *value : Value(std::string("error: ") + value.error());
}

std::string refused(std::string_view type, std::string_view text, bool quoted = false) {
  const auto value = value_type(type).parse({.text = text, .quoted = quoted});
  return value ? "accepted: " + value_type(type).show(*value) : value.error();
}

/// What a value looks like to people.
std::string shown(std::string_view type, std::string_view text, bool quoted = false) {
  const auto value = value_type(type).parse({.text = text, .quoted = quoted});
  return value ? value_type(type).show(*value) : "error: " + value.error();
}

TEST(ValueTypes, HaveDistinctNamesAndDescriptions) {
  std::set<std::string_view> names;
  for (const auto& type : value_types()) {
    EXPECT_TRUE(names.insert(type.name).second) << type.name;
    EXPECT_FALSE(type.title.empty()) << type.name;
    EXPECT_FALSE(type.description.empty()) << type.name;
    EXPECT_EQ(&value_type(type.name), &type);
  }
}

TEST(ValueTypes, AskingForAnUnknownOneIsABug) { EXPECT_THROW((void)value_type("color"), std::logic_error); }

TEST(Mode, IsFourOctalDigits) {
  EXPECT_EQ(parsed("mode", "0755", true), Value("0755"));
  EXPECT_EQ(parsed("mode", "755", true), Value("0755"));
  EXPECT_EQ(parsed("mode", "1777", true), Value("1777"));
  EXPECT_EQ(parsed("mode", "000", true), Value("0000"));
}

TEST(Mode, HasToBeInQuotes) {
  constexpr std::string_view why =
      "the mode has to be in quotes: write \"0755\" (without them YAML takes {} for a number, and programs "
      "do not agree "
      "which)";
  EXPECT_EQ(refused("mode", "0755"), fmt::format(why, "0755"));
  EXPECT_EQ(refused("mode", "755"), fmt::format(why, "755"));
}

TEST(Mode, RefusesEverythingElse) {
  for (const auto* text : {"", "75", "07555", "0789", "rwxr-xr-x", "u+x", "0o755", " 755", "-755"})
    EXPECT_THAT(refused("mode", text, true), HasSubstr("is not 3 or 4 octal digits")) << text;
}

TEST(Duration, Units) {
  EXPECT_EQ(parsed("duration", "60s"), Value(std::int64_t{60}));
  EXPECT_EQ(parsed("duration", "5m"), Value(std::int64_t{300}));
  EXPECT_EQ(parsed("duration", "8h"), Value(std::int64_t{28'800}));
  EXPECT_EQ(parsed("duration", "2d"), Value(std::int64_t{172'800}));
  EXPECT_EQ(parsed("duration", "1h30m"), Value(std::int64_t{5400}));
  EXPECT_EQ(parsed("duration", "1d2h3m4s"), Value(std::int64_t{93'784}));
  EXPECT_EQ(parsed("duration", "480m"), parsed("duration", "8h"));
  EXPECT_EQ(parsed("duration", "0s"), Value(std::int64_t{0}));
}

TEST(Duration, Clock) {
  EXPECT_EQ(parsed("duration", "8:00:00"), Value(std::int64_t{28'800}));
  EXPECT_EQ(parsed("duration", "8:00:00", true), parsed("duration", "480m"));
  EXPECT_EQ(parsed("duration", "08:00:01"), Value(std::int64_t{28'801}));
  EXPECT_EQ(parsed("duration", "1-02:03:04"), Value(std::int64_t{93'784}));
  EXPECT_EQ(parsed("duration", "120:00:00"), Value(std::int64_t{432'000}));
}

TEST(Duration, ABareNumberIsAnError) {
  EXPECT_EQ(
      refused("duration", "60"),
      "60 has no unit (Slurm takes a bare number for seconds here and for minutes there); write 60s or 60m");
}

TEST(Duration, TwoPartsAreAnError) {
  EXPECT_EQ(refused("duration", "8:00"),
            "\"8:00\" may be hours and minutes or minutes and seconds; write it with units, as 8h or 90m, or "
            "as HH:MM:SS");
}

TEST(Duration, RefusesEverythingElse) {
  for (const auto* text : {"", "h", "8H", "8 h", "1m1h", "1h1h", "-1h", "1.5h", "8:60:00", "8:00:60", "8:0:0",
                           "1-24:00:00", "1-2", "1-02:03", "a:b:c", "1:2:3:4", "unlimited", "::", "-1:00:00"})
    EXPECT_THAT(refused("duration", text), testing::Not(StartsWith("accepted"))) << text;
  EXPECT_THAT(refused("duration", "8:60:00"), HasSubstr("is not a duration"));
  EXPECT_THAT(refused("duration", "99999999d"), HasSubstr("longer than a hundred years"));
  EXPECT_THAT(refused("duration", "99999999999999999999s"), HasSubstr("is not a duration"));
}

TEST(Duration, IsShownShort) {
  EXPECT_EQ(shown("duration", "8:00:00"), "8h");
  EXPECT_EQ(shown("duration", "60s"), "1m");
  EXPECT_EQ(shown("duration", "90m"), "1h30m");
  EXPECT_EQ(shown("duration", "26h"), "1d2h");
  EXPECT_EQ(shown("duration", "93784s"), "1-02:03:04");
  EXPECT_EQ(shown("duration", "3h2m1s"), "03:02:01");
  EXPECT_EQ(shown("duration", "0m"), "0s");
}

TEST(Size, BinaryUnits) {
  EXPECT_EQ(parsed("size", "3584M"), Value(std::int64_t{3584} << 20U));
  EXPECT_EQ(parsed("size", "256G"), Value(std::int64_t{256} << 30U));
  EXPECT_EQ(parsed("size", "1.5G"), Value(std::int64_t{1536} << 20U));
  EXPECT_EQ(parsed("size", "1K"), Value(std::int64_t{1024}));
  EXPECT_EQ(parsed("size", "2T"), Value(std::int64_t{2} << 40U));
  EXPECT_EQ(parsed("size", "1P"), Value(std::int64_t{1} << 50U));
  EXPECT_EQ(parsed("size", "5B"), Value(std::int64_t{5}));
  for (const auto* text : {"1M", "1MB", "1MiB", "1024K", "1024KB", "1024k", "1048576B"})
    EXPECT_EQ(parsed("size", text), Value(std::int64_t{1} << 20U)) << text;
}

TEST(Size, ABareNumberIsAnError) {
  EXPECT_EQ(
      refused("size", "3584"),
      "3584 has no unit (Slurm takes a bare number for megabytes, others for bytes); write 3584M or 3584G");
}

TEST(Size, RefusesEverythingElse) {
  for (const auto* text :
       {"", "M", "3584 M", "-1M", "1.2345G", "1.G", ".5G", "1..5G", "1X", "1Mbit", "1iB", "1e3M", "1,5G"})
    EXPECT_THAT(refused("size", text), HasSubstr("is not a size")) << text;
  EXPECT_THAT(refused("size", "999999999999P"), HasSubstr("out of range"));
}

TEST(Size, IsShownInTheLargestWholeUnit) {
  EXPECT_EQ(shown("size", "3584M"), "3584M");
  EXPECT_EQ(shown("size", "1024M"), "1G");
  EXPECT_EQ(shown("size", "1.5G"), "1536M");
  EXPECT_EQ(shown("size", "1000B"), "1000B");
  EXPECT_EQ(shown("size", "0G"), "0B");
}

TEST(Bandwidth, BitsAndBytesASecond) {
  EXPECT_EQ(parsed("bandwidth", "800Mbit"), Value(std::int64_t{800'000'000}));
  EXPECT_EQ(parsed("bandwidth", "1Gbit"), Value(std::int64_t{1'000'000'000}));
  EXPECT_EQ(parsed("bandwidth", "100MB"), parsed("bandwidth", "800Mbit/s"));
  EXPECT_EQ(parsed("bandwidth", "2.5Gbit"), Value(std::int64_t{2'500'000'000}));
  EXPECT_EQ(parsed("bandwidth", "1MiB/s"), Value(std::int64_t{8} << 20U));
  EXPECT_EQ(shown("bandwidth", "100MB"), "800Mbit");
  EXPECT_EQ(shown("bandwidth", "1MiB"), "8388608bit");
}

TEST(Bandwidth, RefusesEverythingElse) {
  for (const auto* text : {"", "100", "800 Mbit", "800Mb", "800mbit", "fast", "1M", "-1Mbit"})
    EXPECT_THAT(refused("bandwidth", text), HasSubstr("is not a bandwidth")) << text;
  EXPECT_THAT(refused("bandwidth", "0Mbit"), HasSubstr("leave the key out"));
  EXPECT_THAT(refused("bandwidth", "999999999999TB"), HasSubstr("out of range"));
}

TEST(Path, IsMadeCanonical) {
  EXPECT_EQ(parsed("path", "/opt//apptainers/./apps/"), Value("/opt/apptainers/apps"));
  EXPECT_EQ(parsed("path", "/"), Value("/"));
  EXPECT_EQ(parsed("path", "//./"), Value("/"));
  EXPECT_EQ(parsed("path", "/with space/new\nline/…/.hidden/a..b"),
            Value("/with space/new\nline/…/.hidden/a..b"));
}

TEST(Path, RefusesWhatCouldBeAnotherPlace) {
  EXPECT_EQ(refused("path", "a/b"), "\"a/b\" is not absolute: it has to begin with /");
  EXPECT_EQ(refused("path", "~/x"), "\"~/x\" is not absolute: ~ means nothing on a host");
  EXPECT_EQ(refused("path", "/a/../b"), "\"/a/../b\" goes up by ..; write the path that is meant");
  EXPECT_EQ(refused("path", ""), "an empty path");
  EXPECT_THAT(refused("path", std::string_view("/a\0b", 4)), HasSubstr("NUL"));
  EXPECT_THAT(refused("path", "/" + std::string(300, 'a')), HasSubstr("a part of more than 255 bytes"));
  std::string deep;
  while (deep.size() < 5000) deep += "/abcdefgh";
  EXPECT_THAT(refused("path", deep), HasSubstr("longer than 4095 bytes"));
}

TEST(Account, IsANameOrANumber) {
  for (const auto* text : {"portal", "1000", "domain users", "DOM\\user", "_apt", "a.b", "svc$", "jürgen"})
    EXPECT_EQ(parsed("account", text), Value(text));
}

TEST(Account, RefusesWhatProgramsTakeForSomethingElse) {
  EXPECT_THAT(refused("account", "-r"), HasSubstr("it begins with -"));
  EXPECT_THAT(refused("account", "+1000"), HasSubstr("it begins with +"));
  EXPECT_THAT(refused("account", "portal:portal"), HasSubstr("owner and group have a key each"));
  EXPECT_THAT(refused("account", "a/b"), HasSubstr("it holds a /"));
  EXPECT_THAT(refused("account", "a\nb"), HasSubstr("control character"));
  EXPECT_THAT(refused("account", ""), HasSubstr("it is empty"));
}

TEST(Name, RefusesOptionsAndControlCharacters) {
  EXPECT_EQ(parsed("name", "viz node"), Value("viz node"));
  EXPECT_EQ(refused("name", "-x"),
            "\"-x\" cannot be a name: it begins with -, which programs take for an option");
  EXPECT_EQ(refused("name", ""), "\"\" cannot be a name: it is empty");
  EXPECT_THAT(refused("name", "a\tb"), HasSubstr("control character"));
}

TEST(Sha256, IsLowerCaseWithoutPrefix) {
  const std::string digits(64, 'a');
  EXPECT_EQ(parsed("sha256", digits), Value(digits));
  EXPECT_EQ(parsed("sha256", "sha256:" + std::string(64, 'A')), Value(digits));
  EXPECT_THAT(refused("sha256", "abc"), HasSubstr("3 hexadecimal digits instead of 64"));
  EXPECT_THAT(refused("sha256", std::string(64, 'g')), HasSubstr("other characters"));
}

TEST(Boolean, IsTrueOrFalse) {
  EXPECT_EQ(parsed("boolean", "true"), Value(true));
  EXPECT_EQ(parsed("boolean", "False"), Value(false));
  for (const auto* text : {"yes", "no", "on", "off", "1", "", "tRUE"})
    EXPECT_THAT(refused("boolean", text), HasSubstr("write true or false")) << text;
  EXPECT_EQ(refused("boolean", "true", true), "\"true\" in quotes is a text; write true without them");
}

TEST(Integer, IsDecimal) {
  EXPECT_EQ(parsed("integer", "100"), Value(std::int64_t{100}));
  EXPECT_EQ(parsed("integer", "-1"), Value(std::int64_t{-1}));
  EXPECT_EQ(parsed("integer", "+7"), Value(std::int64_t{7}));
  EXPECT_EQ(parsed("integer", "0"), Value(std::int64_t{0}));
  EXPECT_EQ(parsed("integer", "9223372036854775807"), Value(std::numeric_limits<std::int64_t>::max()));
  EXPECT_THAT(refused("integer", "9223372036854775808"), HasSubstr("out of range"));
  EXPECT_THAT(refused("integer", "0644"), HasSubstr("begins with 0"));
  EXPECT_THAT(refused("integer", "5", true), HasSubstr("in quotes"));
  for (const auto* text : {"", "1.5", "0x10", "1e3", "ten", "+", "--1"})
    EXPECT_THAT(refused("integer", text), HasSubstr("is not a whole number")) << text;
}

TEST(Text, IsTakenAsItIs) {
  for (const auto* text : {"", "0644", "no", "true", " a\n\tb ", "null"})
    EXPECT_EQ(parsed("text", text), Value(text));
}

TEST(Set, HasNoOrderAndNoRepetitions) {
  EXPECT_EQ(parsed("set", "b, a,b,"), Value(Words{"a", "b"}));
  EXPECT_EQ(parsed("set", ""), Value(Words{}));
  EXPECT_EQ(shown("set", "b,a"), "a,b");
}

/// Whatever is accepted is shown in a form that means the same.
TEST(ValueTypes, ShownValuesParseBack) {
  std::mt19937 random(13);
  constexpr std::string_view alphabet = "0123456789:-.dhmsKMGTPiBbt/akb, sx";
  std::size_t accepted = 0;
  const auto check = [&](const ValueType& type, const std::string& text, bool quoted) {
    const auto value = type.parse({.text = text, .quoted = quoted});
    if (!value) return;
    ++accepted;
    const auto again = type.show(*value);
    const auto back = type.parse({.text = again, .quoted = quoted});
    ASSERT_TRUE(back) << type.name << ": " << text << " → " << again << ": " << back.error();
    EXPECT_EQ(*back, *value) << type.name << ": " << text << " → " << again;
  };
  for (const auto& type : value_types()) {
    for (int round = 0; round < 20'000; ++round) {
      std::string text;
      for (auto left = random() % 9; left > 0; --left) text += alphabet[random() % alphabet.size()];
      check(type, text, round % 2 == 0);
    }
    for (int round = 0; round < 2000; ++round) {
      check(type, fmt::format("{}s", random() % 10'000'000), false);
      check(type, fmt::format("{}{}", random() % 100'000, "KMGT"[random() % 4]), false);
      check(type, fmt::format("{}.{}Gbit", random() % 1000, random() % 1000), false);
    }
  }
  EXPECT_GT(accepted, 50'000U);
}

TEST(Login, IsWhatUsersCanBeCalled) {
  EXPECT_EQ(parsed("login", "_www-data.2"), Value("_www-data.2"));
  EXPECT_THAT(refused("login", "9lives"), HasSubstr("has to begin with a letter or _"));
  EXPECT_THAT(refused("login", "a,b"), HasSubstr("it may hold letters"));
  EXPECT_THAT(refused("login", "-r"), HasSubstr("begins with -"));
  EXPECT_THAT(refused("login", std::string(33, 'a')), HasSubstr("more than 32"));
}

TEST(Unit, IsTheNameOfAService) {
  EXPECT_EQ(parsed("unit", R"(worker@dev-sda\x2d1)"), Value(R"(worker@dev-sda\x2d1)"));
  EXPECT_THAT(refused("unit", "nginx.service"), HasSubstr(R"(write "nginx")"));
  EXPECT_THAT(refused("unit", "a/../b"), HasSubstr("it may hold letters"));
  EXPECT_THAT(refused("unit", "a b"), HasSubstr("it may hold letters"));
  EXPECT_THAT(refused("unit", ".hidden"), HasSubstr("has to begin with"));
}

TEST(Package, IsNoVersionAndNoOrder) {
  EXPECT_EQ(parsed("package", "libstdc++6"), Value("libstdc++6"));
  EXPECT_THAT(refused("package", "nginx=1.0"), HasSubstr("a version has a key of its own"));
  EXPECT_THAT(refused("package", "nginx-"), HasSubstr("by which apt-get means to remove it"));
  EXPECT_THAT(refused("package", "*"), HasSubstr("it may hold letters"));
}

TEST(SlurmName, IsKeptInSmallLetters) {
  EXPECT_EQ(parsed("slurm_name", "Moonlight"), Value("moonlight"));
  EXPECT_EQ(parsed("slurm_name", "a_b-c.1"), Value("a_b-c.1"));
  for (const auto* name : {"", "a,b", "-x", ".x", "x=y", "two words", "it's", "$(id)", "Ünder"})
    EXPECT_THAT(refused("slurm_name", name, true), HasSubstr("cannot be a name in Slurm's accounting"))
        << name;
  EXPECT_THAT(refused("slurm_name", std::string(65, 'a')), HasSubstr("more than 64 letters"));
}

TEST(Limit, CanBeNone) {
  EXPECT_EQ(parsed("count_limit", "0"), Value(std::int64_t{0}));
  EXPECT_EQ(parsed("count_limit", "unlimited"), Value());
  EXPECT_EQ(shown("count_limit", "unlimited"), "unlimited");
  for (const auto* text : {"-1", "4294967295", "1.5", "many", ""})
    EXPECT_THAT(refused("count_limit", text), HasSubstr("is not a limit")) << text;
  EXPECT_EQ(parsed("wall_limit", "480m"), Value("8h"));
  EXPECT_EQ(parsed("wall_limit", "8:00:00"), Value("8h"));
  EXPECT_EQ(parsed("wall_limit", "unlimited"), Value());
  EXPECT_THAT(refused("wall_limit", "90s"), HasSubstr("no whole number of minutes"));
  EXPECT_THAT(refused("wall_limit", "480"), HasSubstr("has no unit"));
  EXPECT_EQ(parsed("duration_limit", "90s"), Value("1m30s"));
}

TEST(Decimal, HasOneSpelling) {
  for (const auto* text : {"0.5", "0.50", ".5", "0.5000000"})
    EXPECT_EQ(parsed("decimal", text), Value("0.5")) << text;
  EXPECT_EQ(parsed("decimal", "2.000000"), Value("2"));
  EXPECT_EQ(parsed("decimal", "10"), Value("10"));
  for (const auto* text : {"-1", "1e3", "nan", "inf", "x", ""})
    EXPECT_THAT(refused("decimal", text), HasSubstr("is not a number of 0 or more")) << text;
}

TEST(Tres, HasItsLongName) {
  EXPECT_EQ(parsed("tres", "GPU"), Value("gres/gpu"));
  EXPECT_EQ(parsed("tres", "gpu:V100"), Value("gres/gpu:v100"));
  EXPECT_EQ(parsed("tres", "gres/gpu"), Value("gres/gpu"));
  EXPECT_EQ(parsed("tres", "CPU"), Value("cpu"));
  EXPECT_EQ(parsed("tres", "license/matlab"), Value("license/matlab"));
  for (const auto* text : {"", "a b", "cpu=1", "gres/"})
    EXPECT_THAT(refused("tres", text, true), HasSubstr("is no trackable resource")) << text;
}

}  // namespace
}  // namespace tidelock
