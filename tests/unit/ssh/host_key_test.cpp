#include "providers/ssh/host_key.hpp"

#include <gmock/gmock.h>

#include "tests/unit/ssh/keys.hpp"
#include "tests/unit/ssh/scratch.hpp"

namespace tidelock::ssh {
namespace {

using testing::ElementsAre;

Route route_to(std::uint16_t port = 22) {
  Route route;
  route.node = "viz-node001";
  route.host = "192.168.122.252";
  route.port = port;
  route.user = "portal";
  route.known_hosts = {"/site/known hosts"};
  return route;
}

KnownHostsFiles files(std::string_view text) {
  KnownHostsFiles files;
  files.hosts.add(text, "/site/known hosts");
  return files;
}

std::string judged(std::string_view text, const std::string& key, const Route& route = route_to()) {
  const auto read = files(text);
  const auto error = refusal({route, read, false, "libssh2 1.10.0"}, parsed(key));
  return error ? error->summary + "\n" + error->detail + "\n> " + error->advice : "accepted";
}

TEST(HostKey, IsAcceptedUnderNameOrAddress) {
  EXPECT_EQ(judged("viz-node001 " + key_a, key_a), "accepted");
  EXPECT_EQ(judged("192.168.122.252 " + key_a, key_a), "accepted");
}

TEST(HostKey, UnknownSaysWhatToCompareAndWhatToRun) {
  EXPECT_EQ(
      judged("other " + key_a + "\n", key_a),
      "Host key is unknown\n"
      "viz-node001 (portal@192.168.122.252) showed ssh-ed25519 "
      "SHA256:YqWz+2kgOdV4jItfILI7s+Z8fj/9E5z54vRfjjhr9NI\n"
      "no such key is pinned for 192.168.122.252 or viz-node001\n"
      "> Compare the fingerprint with what `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` prints on the "
      "host; if they are equal: ssh-keyscan -t ed25519 192.168.122.252 >> \"/site/known hosts\"");
}

TEST(HostKey, UnknownTellsAllThatCouldMatter) {
  EXPECT_EQ(
      judged("viz-node001 " + key_ecdsa + "\n@cert-authority * " + key_b + "\nviz-node001 ssh-ed25519 AAA\n",
             key_a),
      "Host key is unknown\n"
      "viz-node001 (portal@192.168.122.252) showed ssh-ed25519 "
      "SHA256:YqWz+2kgOdV4jItfILI7s+Z8fj/9E5z54vRfjjhr9NI\n"
      "no such key is pinned for 192.168.122.252 or viz-node001\n"
      "pinned: ecdsa-sha2-nistp256 SHA256:CYF+iBHOL0SHOecG74F4maApn0pX8a/N4CuO5H3QJAU at /site/known "
      "hosts:1\n"
      "/site/known hosts:2 trusts an authority for it, but libssh2 1.10.0 knows no host certificates\n"
      "left out: /site/known hosts:3: its key is damaged\n"
      "> Compare the fingerprint with what `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` prints on the "
      "host; if they are equal: ssh-keyscan -t ed25519 192.168.122.252 >> \"/site/known hosts\"");
}

TEST(HostKey, OnlyAnRsaPinIsExplained) {
  EXPECT_EQ(
      judged("viz-node001 " + key_rsa + "\n", key_a),
      "Host key is unknown\n"
      "viz-node001 (portal@192.168.122.252) showed ssh-ed25519 "
      "SHA256:YqWz+2kgOdV4jItfILI7s+Z8fj/9E5z54vRfjjhr9NI\n"
      "only an RSA key is pinned for it, at /site/known hosts:1, which libssh2 1.10.0 cannot check: it knows "
      "RSA with SHA-1 only\n"
      "> Pin another key of the host over the one you have: `ssh 192.168.122.252 ssh-keygen -lf "
      "/etc/ssh/ssh_host_ed25519_key.pub` must print the fingerprint above; then ssh-keyscan -t ed25519 "
      "192.168.122.252 >> \"/site/known hosts\"");
}

TEST(HostKey, ChangedNamesThePinnedOne) {
  EXPECT_EQ(
      judged("\n[viz-node001]:2222 " + key_b + "\n", key_a, route_to(2222)),
      "Host key has changed\n"
      "viz-node001 (portal@192.168.122.252 port 2222) showed ssh-ed25519 "
      "SHA256:YqWz+2kgOdV4jItfILI7s+Z8fj/9E5z54vRfjjhr9NI\n"
      "pinned: ssh-ed25519 SHA256:bBInNAWitHdk8156uQ1VsGYhLuLjIQPCAFJGI88fL9Q at /site/known hosts:2\n"
      "> Someone may be between us and the host. If the host was installed anew, compare the fingerprint "
      "with "
      "what `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` prints on it, take out the pinned line, then "
      "ssh-keyscan -t ed25519 -p 2222 192.168.122.252 >> \"/site/known hosts\"");
}

TEST(HostKey, RevokedNamesTheLine) {
  EXPECT_EQ(judged("viz-node001 " + key_a + "\n@revoked * " + key_a + "\n", key_a),
            "Host key is revoked\n"
            "viz-node001 (portal@192.168.122.252) showed ssh-ed25519 "
            "SHA256:YqWz+2kgOdV4jItfILI7s+Z8fj/9E5z54vRfjjhr9NI\n"
            "revoked at /site/known hosts:2\n"
            "> Someone else may have this key. Give the host new host keys, and pin those");
}

TEST(HostKey, PinnedTypesAreAskedForFirst) {
  const auto read = files("viz-node001 " + key_rsa + "\nviz-node001 " + key_ecdsa + "\n");
  EXPECT_THAT(key_types(read.hosts, route_to().host_names()),
              ElementsAre("ecdsa-sha2-nistp256", "ssh-rsa", "ssh-ed25519", "ecdsa-sha2-nistp384",
                          "ecdsa-sha2-nistp521"));
}

TEST(KnownHostsCache, ReadsOnceAndTellsOfFilesThatCannotBeRead) {
  const Scratch folder;
  const auto file = folder.write("kh", "viz-node001 " + key_a + "\n");
  KnownHostsCache cache;
  const auto first = cache.read({file, folder / "absent", folder.path()});
  EXPECT_THAT(first->unread, ElementsAre(folder.path().native() + " is not a regular file"));
  folder.write("kh", "");
  EXPECT_EQ(cache.read({file, folder / "absent", folder.path()}), first);
  EXPECT_THAT(cache.read({folder / "absent"})->unread,
              ElementsAre((folder / "absent").native() + ": No such file or directory"));
}

}  // namespace
}  // namespace tidelock::ssh
