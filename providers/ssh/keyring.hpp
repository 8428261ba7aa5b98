#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>

#include "engine/base/cancel.hpp"
#include "engine/base/result.hpp"
#include "engine/base/secret.hpp"
#include "providers/ssh/identity.hpp"
#include "providers/ssh/private_agent.hpp"
#include "providers/ssh/private_folder.hpp"

namespace tidelock::ssh {

/// Asks a person for a passphrase; none when they give none, or when there is no terminal.
using Prompt = std::function<std::optional<Secret>(std::string_view prompt)>;

/// The keys that need a passphrase, opened at most once a run however many hosts want them, and then held by
/// an ssh-agent of our own. The passphrase itself is forgotten at once.
class Keyring {
 public:
  /// `program` is what ssh-add runs to be told the passphrase: ourselves.
  Keyring(Prompt prompt, std::filesystem::path program, PrivateFolder& folder, const Cancellation& cancel)
      : prompt_(std::move(prompt)), program_(std::move(program)), folder_(folder), cancel_(cancel) {}

  /// What became of a key; none while nobody was asked for its passphrase.
  [[nodiscard]] std::optional<Result<PublicKey>> known(const std::filesystem::path& file);
  /// Opens a key: asks, or waits while another thread asks. Whatever comes of it stands for the whole run.
  Result<PublicKey> open(const Identity& identity);
  /// Where the opened keys can be used.
  [[nodiscard]] std::filesystem::path agent_socket();

 private:
  [[nodiscard]] Result<PublicKey> ask(const Identity& identity);
  [[nodiscard]] Result<void> start_agent();
  [[nodiscard]] Result<bool> add(const Identity& identity, const Secret& passphrase);
  [[nodiscard]] Result<PublicKey> newest_key();

  Prompt prompt_;
  std::filesystem::path program_;
  PrivateFolder& folder_;
  const Cancellation& cancel_;
  std::mutex asking_;  ///< held while a person types
  std::mutex mutex_;   ///< for `results_` and `agent_`
  std::map<std::filesystem::path, Result<PublicKey>> results_;
  PrivateAgent agent_;
};

}  // namespace tidelock::ssh
