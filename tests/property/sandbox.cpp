#include "tests/property/sandbox.hpp"

#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "providers/ssh/local_session.hpp"
#include "providers/ssh/rsync.hpp"
#include "tests/property/isolation.hpp"

namespace tidelock::property {
namespace {

namespace fs = std::filesystem;

constexpr const char* passwd =
    "root:x:0:0:root:/root:/bin/sh\n"
    "daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"
    "ann:x:1100:1100:Ann:/home/ann:/bin/sh\n"
    "ben:x:1101:1100::/home/ben:/bin/bash\n"
    "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";
constexpr const char* group = "root:x:0:\ndaemon:x:1:\nann:x:1100:ben\nstaff2:x:1200:\nnogroup:x:65534:\n";
constexpr const char* shadow =
    "root:*:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\nann:!:19000:0:99999:7:::\n"
    "ben:!:19000:0:99999:7:::\nnobody:*:19000:0:99999:7:::\n";
constexpr const char* gshadow = "root:*::\ndaemon:*::\nann:!::ben\nstaff2:!::\nnogroup:*::\n";
constexpr const char* login_defs =
    "UID_MIN 1000\nUID_MAX 60000\nSYS_UID_MIN 100\nSYS_UID_MAX 999\nGID_MIN 1000\nGID_MAX 60000\n"
    "SYS_GID_MIN 100\nSYS_GID_MAX 999\nUSERGROUPS_ENAB yes\nENCRYPT_METHOD SHA512\n";

void must(int result, const fs::path& what) {
  if (result != 0) throw std::system_error(errno, std::generic_category(), what.native());
}

void write(const fs::path& path, std::string_view text, mode_t mode = 0644) {
  std::ofstream(path, std::ios::binary) << text;
  must(chmod(path.c_str(), mode), path);
}

/// What a device file of this machine is good for, without the right to make one.
void borrow(const fs::path& from, const fs::path& to, bool folder) {
  if (folder)
    fs::create_directories(to);
  else
    write(to, "");
  must(mount(from.c_str(), to.c_str(), nullptr, MS_BIND | MS_REC, nullptr), to);
}

void borrow_read_only(const fs::path& from, const fs::path& to) {
  borrow(from, to, true);
  must(mount(nullptr, to.c_str(), nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr), to);
}

class SandboxSession final : public Session {
 public:
  SandboxSession(const Sandbox& host, const Cancellation& cancel)
      : host_(host), shell_(host.name(), "root", {"/bin/sh", "-s"}, cancel), cancel_(cancel) {}

  Result<std::unique_ptr<Exchange>> start(const ShellProgram& program, Deadline deadline) override {
    Result<std::unique_ptr<Exchange>> exchange;
    host_.inside().run([&] { exchange = shell_.start(program, deadline); });
    return exchange;
  }
  Result<void> upload(const Upload& upload, const std::function<void(std::uint64_t)>& progress,
                      Deadline deadline) override {
    const ssh::RemoteShell enter{TIDELOCK_SOURCE_DIR "/tests/property/enter.sh", host_.root(), "unused"};
    return ssh::run_rsync(upload, {enter, host_.name()}, progress, deadline, cancel_);
  }
  [[nodiscard]] const std::string& login_user() const override { return shell_.login_user(); }

 private:
  const Sandbox& host_;
  ssh::LocalSession shell_;
  const Cancellation& cancel_;
};

}  // namespace

Inside::Inside(fs::path root)
    : thread_([this, root = std::move(root)](const std::stop_token& stop) { serve(stop, root); }) {}

void Inside::run(const std::function<void()>& work) {
  const std::scoped_lock turn(turn_);
  std::unique_lock lock(mutex_);
  work_ = &work;
  changed_.notify_all();
  changed_.wait(lock, [&] { return work_ == nullptr; });
}

void Inside::serve(const std::stop_token& stop, const fs::path& root) {
  must(unshare(CLONE_FS), root);
  must(chroot(root.c_str()), root);
  must(chdir("/"), root);
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [&] { return work_ != nullptr; })) {
    (*work_)();
    work_ = nullptr;
    changed_.notify_all();
  }
}

Sandbox::Sandbox(std::string name, bool separate_scratch)
    : name_(std::move(name)), root_(fs::path(memory) / name_) {
  fs::create_directories(root_);
  must(mount("tmpfs", root_.c_str(), "tmpfs", 0, "mode=0755"), root_);
  make_folders();
  borrow_programs();
  write_accounts();
  const auto scratch = root_ / "scratch";
  if (separate_scratch) must(mount("tmpfs", scratch.c_str(), "tmpfs", 0, "mode=0755"), scratch);
  inside_ = std::make_unique<Inside>(root_);
}

Sandbox::~Sandbox() {
  inside_.reset();
  if (umount2(root_.c_str(), MNT_DETACH) == 0) fs::remove(root_);
}

void Sandbox::make_folders() const {
  for (const auto* folder : {"etc/skel", "etc/default", "home/ann", "home/ben", "opt", "srv", "scratch",
                             "root", "var/lib", "var/mail", "run", "dev", "proc", "sys", "tmp"})
    fs::create_directories(root_ / folder);
  must(chmod((root_ / "root").c_str(), 0700), "root");
  must(chmod((root_ / "tmp").c_str(), 01777), "tmp");
  must(chown((root_ / "home/ann").c_str(), 1100, 1100), "ann");
  must(chown((root_ / "home/ben").c_str(), 1101, 1100), "ben");
}

void Sandbox::borrow_programs() const {
  borrow_read_only("/usr", root_ / "usr");
  for (const auto* folder : {"bin", "sbin", "lib", "lib32", "lib64", "libx32"}) {
    const auto here = fs::path("/") / folder;
    if (fs::is_symlink(here))
      fs::create_symlink(fs::read_symlink(here), root_ / folder);
    else if (fs::is_directory(here))
      borrow_read_only(here, root_ / folder);
  }
  borrow("/proc", root_ / "proc", true);
  for (const auto* device : {"null", "zero", "urandom"})
    borrow(fs::path("/dev") / device, root_ / "dev" / device, false);
  fs::create_symlink("/proc/self/fd", root_ / "dev/fd");
  fs::copy_file("/etc/ld.so.cache", root_ / "etc/ld.so.cache");
}

void Sandbox::write_accounts() const {
  const auto etc = root_ / "etc";
  write(etc / "passwd", passwd);
  write(etc / "group", group);
  write(etc / "shadow", shadow, 0640);
  write(etc / "gshadow", gshadow, 0640);
  write(etc / "login.defs", login_defs);
  write(etc / "nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\ngshadow: files\n");
  write(etc / "default/useradd", "SHELL=/bin/sh\n");
  write(etc / "skel/.profile", "# made for everybody\n");
}

Result<std::unique_ptr<Session>> SandboxTransport::connect(const ClusterNode& node, Deadline /*deadline*/) {
  const auto host = hosts_.find(node.name);
  if (host == hosts_.end()) return failure("Host did not answer", node.name);
  return std::make_unique<SandboxSession>(*host->second, cancel_);
}

}  // namespace tidelock::property
