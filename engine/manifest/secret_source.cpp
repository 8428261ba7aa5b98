#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "engine/base/file.hpp"
#include "engine/base/process.hpp"
#include "engine/base/text.hpp"
#include "engine/manifest/manifest.hpp"
#include "engine/manifest/sources.hpp"

namespace tidelock {
namespace {

constexpr std::uint64_t max_secret = std::uint64_t{1} << 20U;
constexpr std::chrono::seconds command_limit{60};

const SourceFile* written_in(const Node& scalar) {
  const auto* value = scalar.scalar();
  return value != nullptr && value->origin != nullptr ? value->origin.get() : scalar.at().file.get();
}

std::unexpected<Error> no_secret(std::string detail, std::string advice = {}) {
  return failure("Secret cannot be had", std::move(detail), std::move(advice));
}

Result<Secret> from_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr)
    return no_secret(fmt::format("the environment variable {} is not set", shown(name)),
                     "set it and run again");
  return Secret(value);
}

Result<Secret> from_file(const Node& scalar) {
  auto content = read_file(local_path(scalar), max_secret);
  if (!content) return no_secret(one_line(content.error()));
  return Secret(*std::move(content));
}

/// The command runs in the folder of the file that wrote it, as other local paths start there.
Result<Secret> from_command(const Node& scalar, const Cancellation& cancel) {
  const auto* file = written_in(scalar);
  const std::vector<std::string> arguments{"/bin/sh",
                                           "-c",
                                           R"(cd -- "$1" && exec /bin/sh -c "$2")",
                                           "sh",
                                           file == nullptr ? "." : file->directory.native(),
                                           std::string(scalar.text())};
  auto output = run_process(arguments, {}, Deadline::in(command_limit), cancel, max_secret);
  const auto which = fmt::format("the command {}", shown(scalar.text()));
  if (!output) return no_secret(fmt::format("{}: {}", which, output.error().summary));
  Secret secret(std::move(output->output));
  if (output->status != 0)
    return no_secret(fmt::format("{} ended with exit status {}", which, output->status));
  if (!secret.reveal().ends_with('\n')) return secret;
  return Secret(secret.reveal().substr(0, secret.reveal().size() - 1));
}

}  // namespace

Result<Secret> resolve_secret(const Node& scalar, const Cancellation& cancel) {
  const auto* value = scalar.scalar();
  const auto origin = value == nullptr ? std::nullopt : value->secret;
  if (!origin) return no_secret("the value is no !env, !file or !command");
  switch (*origin) {
    case SecretOrigin::environment:
      return from_environment(value->text);
    case SecretOrigin::file:
      return from_file(scalar);
    case SecretOrigin::command:
      break;
  }
  return from_command(scalar, cancel);
}

std::filesystem::path local_path(const Node& scalar) {
  return resolved_path(written_in(scalar), scalar.text());
}

}  // namespace tidelock
