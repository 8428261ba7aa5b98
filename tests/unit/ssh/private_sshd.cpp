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

FileDescriptor listen_on_loopback(int backlog) {
  FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto address = local_address(0);
  bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  listen(socket.get(), backlog);
  return socket;
}

std::uint16_t port_of(const FileDescriptor& socket) {
  auto address = local_address(0);
  socklen_t size = sizeof address;
  getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

std::uint16_t free_port() { return port_of(listen_on_loopback()); }

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
  folder_.write("sshd_config", text);
  start();
}

void PrivateSshd::start() {
  const std::vector<std::string> command{"/usr/sbin/sshd",        "-D", "-f",
                                         folder_ / "sshd_config", "-E", folder_ / "log"};
  if (auto child = ChildProcess::start(command)) child_.emplace(std::move(*child));
  using namespace std::chrono_literals;
  for (int i = 0; i < 500 && !open_connection(port_).valid(); ++i) std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(open_connection(port_).valid()) << log();
}

void PrivateSshd::restart_with_new_host_keys() {
  for (const auto* type : {"ed25519", "ecdsa", "rsa"}) {
    std::filesystem::remove(host_key(type));
    std::filesystem::remove(host_key(type).native() + ".pub");
    make_key(host_key(type), type);
  }
  child_.reset();
  start();
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
  std::ofstream(folder_ / "authorized_keys", std::ios::app) << public_half(key) << "\n";
  return key;
}

Connection PrivateSshd::connection(const std::filesystem::path& identity) const {
  Connection connection;
  connection.identities = {identity};
  connection.known_hosts = {
      folder_.write("known_hosts", address() + " " + public_half(host_key("ed25519")) + "\n")};
  return connection;
}

std::string PrivateSshd::log() const { return content_of(folder_ / "log"); }

void PrivateSshd::signal(int number) const {
  const auto pid = content_of(folder_ / "pid");
  if (pid.find_first_not_of("0123456789\n") == std::string::npos) kill(std::stoi(pid), number);
}

void PrivateSshd::kill_connections() const {
  // One process with root's rights and one without serve a connection.
  constexpr std::string_view script =
      "for one in $(pgrep -P \"$(cat \"$1\")\"); do kill -9 $(pgrep -P $one -f '^sshd: ') $one; done";
  run({"sh", "-c", std::string(script), "sh", folder_ / "pid"});
}

}  // namespace tidelock
