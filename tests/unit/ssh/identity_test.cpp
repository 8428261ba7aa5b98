#include "providers/ssh/identity.hpp"

#include <gmock/gmock.h>

#include "tests/unit/ssh/keys.hpp"
#include "tests/unit/ssh/scratch.hpp"

namespace tidelock::ssh {
namespace {

std::string blob_of(const std::filesystem::path& key) { return parsed(public_half(key)).blob; }

/// Whether a key file is understood without its public file, which is taken away.
void expect_known(const std::filesystem::path& key, bool locked) {
  const auto blob = blob_of(key);
  std::filesystem::remove(key.native() + ".pub");
  const auto identity = read_identity(key);
  ASSERT_TRUE(identity) << key << one_line(identity.error());
  ASSERT_TRUE(identity->key) << key;
  EXPECT_EQ(identity->key->blob, blob) << key;
  EXPECT_EQ(identity->locked, locked) << key;
  EXPECT_NE(identity->private_key.has_value(), locked) << key;
}

TEST(Identity, IsKnownWithoutItsPublicFile) {
  const Scratch folder;
  for (const auto* type : {"ed25519", "ecdsa", "rsa"}) {
    expect_known(make_key(folder / type, type), false);
    expect_known(make_key(folder / (std::string(type) + "-locked"), type, "secret"), true);
  }
  for (const auto* bits : {"384", "521"})
    expect_known(make_key(folder / bits, "ecdsa", "", {"-b", bits}), false);
}

TEST(Identity, IsKnownInOldFormats) {
  const Scratch folder;
  for (const auto* type : {"ecdsa", "rsa"})
    for (const auto* format : {"PEM", "PKCS8"})
      expect_known(make_key(folder / (std::string(type) + format), type, "", {"-m", format}), false);
}

TEST(Identity, ALockedOldFormatNeedsThePublicFile) {
  const Scratch folder;
  for (const auto* format : {"PEM", "PKCS8"}) {
    const auto key = make_key(folder / format, "ecdsa", "secret", {"-m", format});
    const auto identity = read_identity(key);
    ASSERT_TRUE(identity) << one_line(identity.error());
    EXPECT_EQ(identity->key->blob, blob_of(key));
    EXPECT_TRUE(identity->locked);
    std::filesystem::remove(key.native() + ".pub");
    EXPECT_TRUE(read_identity(key)->locked);
    EXPECT_FALSE(read_identity(key)->key);
  }
}

TEST(Identity, ThePublicHalfAloneWillDo) {
  const Scratch folder;
  const auto file = folder.write("id.pub", key_a + " me@here\n");
  for (const auto& name : {folder / "id", file}) {
    const auto identity = read_identity(name);
    ASSERT_TRUE(identity);
    EXPECT_EQ(identity->key, parsed(key_a));
    EXPECT_FALSE(identity->private_key);
  }
}

std::string refused(const std::filesystem::path& file) {
  const auto identity = read_identity(file);
  return identity ? "(read)" : one_line(identity.error());
}

TEST(Identity, RefusesWhatSshRefuses) {
  const Scratch folder;
  EXPECT_EQ(refused(folder / "none"),
            "Cannot read file: " + (folder / "none").native() + ": No such file or directory");
  EXPECT_EQ(refused(folder.write("text", "hello\n")), "Cannot use key: it is no SSH key");
  EXPECT_EQ(refused(folder.write("cut", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1r")),
            "Cannot use key: its file is damaged, or of a kind that SSH does not use");
  const auto key = make_key(folder / "key", "ed25519");
  std::filesystem::permissions(key, static_cast<std::filesystem::perms>(0640));
  EXPECT_EQ(refused(key), "Cannot use key: its mode 0640 lets others read it; ssh wants 0600");
}

TEST(IdentityCache, ReadsOnce) {
  const Scratch folder;
  const auto key = make_key(folder / "key", "ed25519");
  IdentityCache cache;
  const auto first = cache.read(key);
  std::filesystem::remove(key);
  EXPECT_EQ(cache.read(key)->key, first->key);
  EXPECT_FALSE(cache.read(folder / "none"));
}

}  // namespace
}  // namespace tidelock::ssh
