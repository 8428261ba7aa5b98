#include "providers/ssh/ssh_config.hpp"

#include <gmock/gmock.h>

#include "providers/ssh/private_folder.hpp"
#include "tests/unit/ssh/keys.hpp"
#include "tests/unit/ssh/scratch.hpp"

namespace tidelock::ssh {
namespace {

using testing::AllOf;
using testing::HasSubstr;

ProvenLogin login_with(LoginKey key) {
  return {"192.168.122.252", 2222, "portal", parsed(key_a), std::move(key)};
}

TEST(SshConfig, NamesOneHostKeyAndOneIdentity) {
  PrivateFolder private_folder;
  const auto folder = *private_folder.path();
  const auto config = write_ssh_config(folder, login_with({parsed(key_b), "/home/alice/.ssh/id", {}}));
  ASSERT_TRUE(config) << one_line(config.error());
  EXPECT_EQ(content_of(folder / "known_hosts"), "host " + key_a + "\n");
  EXPECT_EQ(std::filesystem::read_symlink(folder / "identity"), "/home/alice/.ssh/id");
  EXPECT_EQ(content_of(*config),
            "Host *\n"
            "HostName \"192.168.122.252\"\n"
            "Port 2222\n"
            "User \"portal\"\n"
            "HostKeyAlias host\n"
            "HostKeyAlgorithms ssh-ed25519\n"
            "UserKnownHostsFile " +
                folder.native() +
                "/known_hosts\n"
                "GlobalKnownHostsFile /dev/null\n"
                "StrictHostKeyChecking yes\n"
                "UpdateHostKeys no\n"
                "IdentityFile " +
                folder.native() +
                "/identity\n"
                "IdentitiesOnly yes\n"
                "IdentityAgent none\n"
                "PreferredAuthentications publickey\n"
                "BatchMode yes\n"
                "Ciphers ^aes128-gcm@openssh.com\n"
                "KexAlgorithms ^curve25519-sha256\n"
                "Compression no\n"
                "ConnectTimeout 15\n"
                "ServerAliveInterval 5\n"
                "ServerAliveCountMax 3\n"
                "ControlMaster no\n"
                "ControlPath none\n"
                "ClearAllForwardings yes\n"
                "ForwardAgent no\n"
                "PermitLocalCommand no\n"
                "LogLevel ERROR\n");
}

TEST(SshConfig, AKeyOfAnAgentGoesByItsPublicHalf) {
  PrivateFolder private_folder;
  const auto folder = *private_folder.path();
  const auto config = write_ssh_config(folder, login_with({parsed(key_b), {}, "/run/odd \"agent%d"}));
  ASSERT_TRUE(config) << one_line(config.error());
  EXPECT_EQ(content_of(folder / "identity"), key_b + "\n");
  EXPECT_EQ(std::filesystem::read_symlink(folder / "agent"), "/run/odd \"agent%d");
  EXPECT_THAT(content_of(*config), HasSubstr("IdentityAgent " + folder.native() + "/agent\n"));
}

/// ssh itself says what it read.
TEST(SshConfig, OddWordsReachSshAsTheyAre) {
  PrivateFolder private_folder;
  auto login = login_with({parsed(key_b), "/odd '\"keys\"' %d ${HOME} \n/id", {}});
  login.address = "fe80::1%eth0";
  login.user = "DOM\\a \"b' c";
  const auto config = write_ssh_config(*private_folder.path(), login);
  ASSERT_TRUE(config);
  const auto read = run({"ssh", "-F", *config, "-G", "host"});
  EXPECT_THAT(read, AllOf(HasSubstr("\nhostname fe80::1%eth0\n"), HasSubstr("\nuser DOM\\a \"b' c\n"),
                          HasSubstr("\nport 2222\n"), HasSubstr("\nidentitiesonly yes\n"),
                          HasSubstr("\nstricthostkeychecking true\n"),
                          HasSubstr("\nhostkeyalgorithms ssh-ed25519\n")));
  EXPECT_EQ(std::filesystem::read_symlink(*private_folder.path() / "identity").native(), login.key.file);
}

TEST(SshConfig, AnRsaHostKeyIsAskedForInTheGoodWays) {
  PrivateFolder private_folder;
  auto login = login_with({parsed(key_b), "/id", {}});
  login.host_key = parsed(key_rsa);
  const auto config = write_ssh_config(*private_folder.path(), login);
  EXPECT_THAT(content_of(*config), HasSubstr("HostKeyAlgorithms rsa-sha2-512,rsa-sha2-256\n"));
}

TEST(PrivateFolder, IsOursAloneAndGoesAway) {
  std::filesystem::path path;
  {
    PrivateFolder folder;
    path = *folder.path();
    EXPECT_EQ(std::filesystem::status(path).permissions(), static_cast<std::filesystem::perms>(0700));
    const auto sub = folder.subfolder();
    EXPECT_EQ(sub->parent_path(), path);
    EXPECT_EQ(*folder.path(), path);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(PrivateFolder, DoesNotTakeAnOddRuntimeFolder) {
  const Scratch odd;
  const auto runtime = odd / "with space";
  std::filesystem::create_directory(runtime);
  setenv("XDG_RUNTIME_DIR", runtime.c_str(), 1);
  PrivateFolder folder;
  EXPECT_EQ(folder.path()->parent_path(), "/tmp");
  setenv("XDG_RUNTIME_DIR", odd.path().c_str(), 1);
  PrivateFolder another;
  EXPECT_EQ(another.path()->parent_path(), odd.path());
  unsetenv("XDG_RUNTIME_DIR");
}

}  // namespace
}  // namespace tidelock::ssh
