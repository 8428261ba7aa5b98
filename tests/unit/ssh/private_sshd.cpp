#include "tests/unit/ssh/private_sshd.hpp"

#include <csignal>
#include <thread>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace tidelock {
namespace {

sockaddr_in local_address(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

FileDescriptor open_connection(std::uint16_t port) {
  FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto address = local_address(port);
  if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) socket.reset();
  return socket;
}

std::uint16_t free_port() {
  const FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  auto address = local_address(0);
  socklen_t size = sizeof address;
  bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size);
  getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

PrivateSshd::PrivateSshd(const std::string& extra) : port_(free_port()) {
  if (geteuid() == 0) std::filesystem::create_directories("/run/sshd");
  for (const auto* type : {"ed25519", "ecdsa", "rsa"}) make_key(host_key(type), type);
  folder_.write("authorized_keys", "");
  auto text =
      extra + fmt::format(
                  "ListenAddress 127.0.0.1:{}\nAuthorizedKeysFile {}\nStrictModes no\nUsePAM no\nPidFile {}\n"
                  "PermitRootLogin yes\n",
                  port_, (folder_ / "authorized_keys").native(), (folder_ / "pid").native());
  if (!extra.contains("HostKey "))
    for (const auto* type : {"ed25519", "ecdsa", "rsa"}) text += "HostKey " + host_key(type).native() + "\n";
  const auto config = folder_.write("sshd_config", text);
  const std::vector<std::string> command{"/usr/sbin/sshd", "-D", "-f", config, "-E", folder_ / "log"};
  if (auto started = ChildProcess::start(command)) child_.emplace(std::move(*started));
  using namespace std::chrono_literals;
  for (int i = 0; i < 500 && !open_connection(port_).valid(); ++i) std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(open_connection(port_).valid()) << log();
}

PrivateSshd::~PrivateSshd() { signal(SIGCONT); }

ClusterNode PrivateSshd::node() const {
  ClusterNode node;
  node.name = "node001";
  node.address = "127.0.0.1";
  node.port = port_;
  return node;
}

std::string PrivateSshd::address() const { return fmt::format("[127.0.0.1]:{}", port_); }

std::filesystem::path PrivateSshd::host_key(const std::string& type) const {
  return folder_ / ("host_" + type);
}

std::filesystem::path PrivateSshd::authorize(const std::string& name, const std::string& type,
                                             const std::string& passphrase,
                                             const std::vector<std::string>& more) const {
  auto key = make_key(folder_ / name, type, passphrase, more);
  std::ofstream(folder_ / "authorized_keys", std::ios::app) << public_line(key) << "\n";
  return key;
}

Connection PrivateSshd::connection(const std::filesystem::path& identity) const {
  Connection connection;
  connection.identities = {identity};
  connection.known_hosts = {
      folder_.write("known_hosts", address() + " " + public_line(host_key("ed25519")) + "\n")};
  return connection;
}

std::string PrivateSshd::log() const { return content_of(folder_ / "log"); }

void PrivateSshd::signal(int number) const {
  const auto pid = content_of(folder_ / "pid");
  if (pid.find_first_not_of("0123456789\n") == std::string::npos) kill(-std::stoi(pid), number);
}

}  // namespace tidelock
