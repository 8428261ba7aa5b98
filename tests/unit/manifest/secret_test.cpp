#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/cancel.hpp"
#include "tests/unit/manifest/support.hpp"

namespace tidelock::test {
namespace {

/// What stands behind the password of the queue `q` in this manifest.
std::string secret_in(const Manifest& manifest) {
  const Cancellation cancel;
  const auto secret =
      resolve_secret(*find_section(manifest, "queues", "")->body.find("q")->find("password"), cancel);
  return secret ? secret->reveal() : "error: " + one_line(secret.error());
}

constexpr std::string_view head =
    "tidelock: 1\ncluster: k\nnodes: { n: { type: t } }\nnode_types: { t: {} }\n";

class SecretTest : public testing::Test {
 protected:
  [[nodiscard]] std::string resolved(std::string_view password) const {
    folder_.write("cluster.yaml", fmt::format("{}queues: {{ q: {{ password: {} }} }}\n", head, password));
    const auto loaded = load("cluster.yaml");
    return loaded.manifest ? secret_in(*loaded.manifest) : loaded.messages;
  }
  ManifestFolder folder_;
};

TEST_F(SecretTest, FromTheEnvironment) {
  setenv("TIDELOCK_TEST_SECRET", "open sesame\n", 1);
  EXPECT_EQ(resolved("!env TIDELOCK_TEST_SECRET"), "open sesame\n");
  unsetenv("TIDELOCK_TEST_SECRET");
  EXPECT_EQ(resolved("!env TIDELOCK_TEST_SECRET"),
            "error: Secret cannot be had: the environment variable TIDELOCK_TEST_SECRET is not set");
}

TEST_F(SecretTest, FromAFileByteForByte) {
  folder_.write("secrets/pw", "line one\nline two\n");
  EXPECT_EQ(resolved("!file secrets/pw"), "line one\nline two\n");
  EXPECT_EQ(resolved("!file missing"),
            fmt::format("error: Secret cannot be had: Cannot read file: {}/missing: No such file "
                        "or directory",
                        folder_.path().native()));
  EXPECT_THAT(resolved("!file /dev/zero"), testing::HasSubstr("is not a regular file"));
}

TEST_F(SecretTest, FromACommandWithoutItsLastNewline) {
  EXPECT_EQ(resolved("!command printf 'a b\\n\\n'"), "a b\n");
  EXPECT_EQ(resolved("!command echo \"$((6 * 7))\""), "42");
  EXPECT_EQ(resolved("!command printf x"), "x");
}

TEST_F(SecretTest, ACommandStandsWhereItsFileStands) {
  folder_.write("site/pw", "found");
  folder_.write("site/queues.yaml", "queues: { q: { password: !command cat pw } }\n");
  folder_.write("cluster.yaml", fmt::format("{}include: site/queues.yaml\n", head));
  const auto loaded = load("cluster.yaml");
  ASSERT_EQ(loaded.messages, "");
  EXPECT_EQ(secret_in(*loaded.manifest), "found");
}

TEST_F(SecretTest, AVariableBringsTheFolderOfItsFile) {
  folder_.write("site/pw", "found");
  folder_.write("site/vars.yaml", "vars: { pw: !file pw }\n");
  folder_.write("cluster.yaml",
                fmt::format("{}include: site/vars.yaml\nqueues: {{ q: {{ password: '${{pw}}' }} }}\n", head));
  const auto loaded = load("cluster.yaml");
  ASSERT_EQ(loaded.messages, "");
  EXPECT_EQ(secret_in(*loaded.manifest), "found");
}

TEST_F(SecretTest, ErrorsNeverShowWhatACommandPrints) {
  const auto error = resolved("!command echo hunter2; echo hunter2 >&2; exit 3");
  EXPECT_THAT(error, testing::StartsWith("error: Secret cannot be had: the command "));
  EXPECT_THAT(error, testing::EndsWith(" ended with exit status 3"));
  EXPECT_EQ(resolved("!command cat pw"),
            "error: Secret cannot be had: the command \"cat pw\" ended with exit status 1");
}

TEST_F(SecretTest, APlainValueIsNoSecret) {
  EXPECT_EQ(resolved("hunter2"), "error: Secret cannot be had: the value is no !env, !file or !command");
}

TEST_F(SecretTest, CancellationEndsACommand) {
  folder_.write("cluster.yaml", fmt::format("{}queues: {{ q: {{ password: !command sleep 30 }} }}\n", head));
  const auto loaded = load("cluster.yaml");
  Cancellation cancel;
  cancel.trigger();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(resolve_secret(*find_section(*loaded.manifest, "queues", "")->body.find("q")->find("password"),
                              cancel));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST(LocalPath, StartsFromTheFileThatWroteIt) {
  const auto file =
      std::make_shared<const SourceFile>(SourceFile{.name = "m", .directory = "/site/types", .text = {}});
  setenv("HOME", "/home/me", 1);
  const auto path = [&](std::string text) {
    return local_path(Node(
        {file, 1, 1}, Node::Scalar{.text = std::move(text), .quoted = false, .secret = {}, .origin = {}}));
  };
  EXPECT_EQ(path("images/x.sif"), "/site/types/images/x.sif");
  EXPECT_EQ(path("../x.sif"), "/site/x.sif");
  EXPECT_EQ(path("/abs/./x"), "/abs/x");
  EXPECT_EQ(path("~/x"), "/home/me/x");
  EXPECT_EQ(path("~"), "/home/me");
  EXPECT_EQ(path("~other/x"), "/site/types/~other/x");
}

}  // namespace
}  // namespace tidelock::test
