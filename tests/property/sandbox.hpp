#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "engine/base/cancel.hpp"
#include "engine/probe/session.hpp"

namespace tidelock::property {

/// A thread to which a folder is the root of all files, and so to every program that it starts. That saves
/// each of them another program, chroot(1), before it.
class Inside {
 public:
  explicit Inside(std::filesystem::path root);

  /// Returns when the work is done.
  void run(const std::function<void()>& work);

 private:
  void serve(const std::stop_token& stop, const std::filesystem::path& root);

  std::mutex turn_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  const std::function<void()>* work_ = nullptr;
  std::jthread thread_;
};

/// A host whose files are in memory: the programs of this machine, read-only, and everything else its own.
/// What runs there runs in a chroot, with the real shell and the real tools.
class Sandbox {
 public:
  /// `separate_scratch`: /scratch is a file system of its own.
  Sandbox(std::string name, bool separate_scratch);
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  [[nodiscard]] Inside& inside() const { return *inside_; }

 private:
  void make_folders() const;
  void borrow_programs() const;
  void write_accounts() const;

  std::string name_;
  std::filesystem::path root_;
  std::unique_ptr<Inside> inside_;
};

using Sandboxes = std::map<std::string, std::unique_ptr<Sandbox>, std::less<>>;

/// Reaches the sandboxes of these names.
class SandboxTransport final : public Transport {
 public:
  SandboxTransport(const Sandboxes& hosts, const Cancellation& cancel) : hosts_(hosts), cancel_(cancel) {}

  [[nodiscard]] Result<std::unique_ptr<Session>> connect(const ClusterNode& node, Deadline deadline) override;

 private:
  const Sandboxes& hosts_;
  const Cancellation& cancel_;
};

}  // namespace tidelock::property
