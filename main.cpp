#include <csignal>
#include <cstdlib>

#include "engine/command/command.hpp"
#include "providers/context.hpp"
#include "providers/git/commit.hpp"
#include "providers/ssh/askpass.hpp"
#include "providers/ssh/transport.hpp"

namespace {

using namespace tidelock;

std::filesystem::path cache_folder() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/')
    return std::filesystem::path(cache) / "tidelock";
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home == nullptr ? "/nonexistent" : home) / ".cache" / "tidelock";
}

/// The first Ctrl-C asks everything to stop; a second one ends the program at once.
void stop_on_signals(Cancellation& cancel) {
  static Cancellation* to_trigger = nullptr;
  to_trigger = &cancel;
  struct sigaction action{};
  action.sa_handler = [](int) { to_trigger->trigger(); };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaction(number, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of the write, not our end
}

}  // namespace

int main(int argc, char** argv) {
  if (std::getenv(askpass_variable) != nullptr) return askpass_main();
  const auto options = parse_command_line(argc, argv);
  if (const auto* exit = std::get_if<Exit>(&options)) return static_cast<int>(*exit);
  Cancellation cancel;
  stop_on_signals(cancel);
  const GitLibrary git;
  const SshLibrary ssh;
  std::error_code error;
  const SshOptions ssh_options{.prompt = ask_secret,
                               .program = std::filesystem::read_symlink("/proc/self/exe", error),
                               .configuration = {}};
  const Wiring wiring{
      .version = TIDELOCK_VERSION,
      .registry = [](bool rehash) { return Registry(make_providers({cache_folder(), rehash})); },
      .transport =
          [&](const Connection& connection) { return make_ssh_transport(connection, ssh_options, cancel); },
      .commit = add_commit,
      .cancel = cancel,
  };
  return static_cast<int>(run_command(std::get<Options>(options), wiring));
}
