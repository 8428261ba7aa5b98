#include "providers/ssh/identity.hpp"

#include <gmock/gmock.h>

#include "tests/unit/ssh/keys.hpp"
#include "tests/unit/ssh/scratch.hpp"

namespace tidelock::ssh {
namespace {

std::string blob_of(const std::filesystem::path& key) { return parsed(public_line(key)).blob; }

TEST(Identity, KnowsAKeyWithoutItsPublicFile) {
  const Scratch folder;
  for (const auto* type : {"ed25519", "ecdsa"})
    for (const auto* passphrase : {"", "secret"}) {
      const auto key = make_key(folder / (std::string(type) + passphrase), type, passphrase);
      const auto blob = blob_of(key);
      std::filesystem::remove(key.native() + ".pub");
      const auto identity = read_identity(key);
      ASSERT_TRUE(identity);
      EXPECT_EQ(identity->key->blob, blob);
      EXPECT_EQ(identity->encrypted, *passphrase != '\0');
      EXPECT_EQ(identity->private_text->reveal(), content_of(key));
    }
}

TEST(Identity, OldFormatsTakeThePublicFile) {
  const Scratch folder;
  for (const auto* format : {"PEM", "PKCS8"})
    for (const auto* passphrase : {"", "secret"}) {
      const auto key =
          make_key(folder / (std::string(format) + passphrase), "ecdsa", passphrase, {"-m", format});
      const auto identity = read_identity(key);
      ASSERT_TRUE(identity);
      EXPECT_EQ(identity->key->blob, blob_of(key));
      EXPECT_EQ(identity->encrypted, *passphrase != '\0') << format;
      std::filesystem::remove(key.native() + ".pub");
      EXPECT_FALSE(read_identity(key)->key);
    }
}

TEST(Identity, AnOldRsaKeySaysAtLeastThatItIsOne) {
  const Scratch folder;
  const auto key = make_key(folder / "rsa", "rsa", "", {"-m", "PEM"});
  std::filesystem::remove(key.native() + ".pub");
  EXPECT_EQ(read_identity(key)->key->type, "ssh-rsa");
}

TEST(Identity, ThePublicHalfAloneWillDo) {
  const Scratch folder;
  const auto file = folder.write("id.pub", key_a + " me@here\n");
  for (const auto& name : {folder / "id", file}) {
    const auto identity = read_identity(name);
    ASSERT_TRUE(identity);
    EXPECT_EQ(identity->key, parsed(key_a));
    EXPECT_FALSE(identity->private_text);
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
            "Cannot use key: its file is damaged");
  const auto key = make_key(folder / "key", "ed25519");
  std::filesystem::permissions(key, static_cast<std::filesystem::perms>(0640));
  EXPECT_EQ(refused(key), "Cannot use key: its mode 0640 lets others read it; ssh wants 0600");
}

}  // namespace
}  // namespace tidelock::ssh
