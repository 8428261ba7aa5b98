#include "providers/ssh/configuration.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <map>

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include "engine/base/file.hpp"
#include "engine/base/process.hpp"
#include "engine/base/text.hpp"
#include "providers/ssh/said.hpp"

namespace tidelock::ssh {
namespace {

constexpr std::uint64_t largest_file = 1U << 20U;

/// `ssh -G` prints `keyword value`, keywords in lower case, and lists over several lines or in one.
struct Options {
  std::multimap<std::string, std::string, std::less<>> all;

  explicit Options(std::string_view output) {
    for (const auto line : split(output, '\n')) {
      const auto space = line.find(' ');
      if (space != std::string_view::npos) all.emplace(line.substr(0, space), line.substr(space + 1));
    }
  }
  [[nodiscard]] std::string first(std::string_view keyword) const {
    const auto it = all.find(keyword);
    return it == all.end() ? std::string{} : it->second;
  }
  [[nodiscard]] std::vector<std::string> every(std::string_view keyword) const {
    std::vector<std::string> values;
    const auto [begin, end] = all.equal_range(keyword);
    for (auto it = begin; it != end; ++it) values.push_back(it->second);
    return values;
  }
};

/// The tokens of ssh_config(5) that make sense for us.
using Tokens = std::map<char, std::string>;

Tokens tokens_for(const HostConfiguration& host, const ConfigurationQuery& query, const LocalUser& user) {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  const std::string local(name.data());
  return {{'%', "%"},
          {'d', user.home.native()},
          {'h', host.host_name},
          {'i', std::to_string(geteuid())},
          {'k', host.host_key_alias.empty() ? query.name : host.host_key_alias},
          {'l', local},
          {'L', local.substr(0, local.find('.'))},
          {'n', query.name},
          {'p', std::to_string(host.port)},
          {'r', host.user},
          {'u', user.name}};
}

/// `~/`, tokens and `${VARIABLE}`. What is not known stays as written, and is then no file.
std::string expanded(std::string_view text, const Tokens& tokens) {
  std::string out;
  if (text == "~" || text.starts_with("~/")) {
    out = tokens.at('d');
    text.remove_prefix(1);
  }
  while (!text.empty()) {
    const auto token = text.size() > 1 && text[0] == '%' ? tokens.find(text[1]) : tokens.end();
    const auto close = text.starts_with("${") ? text.find('}') : std::string_view::npos;
    if (token != tokens.end()) {
      out += token->second;
      text.remove_prefix(2);
    } else if (close != std::string_view::npos) {
      const char* value = std::getenv(std::string(text.substr(2, close - 2)).c_str());
      out += value == nullptr ? "" : value;
      text.remove_prefix(close + 1);
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

/// ssh prints a list of paths without quotes; a path begins where a word begins like one.
std::vector<std::string> split_paths(std::string_view text) {
  std::vector<std::string> paths;
  for (const auto word : split(text, ' ')) {
    const bool begins = paths.empty() || word.starts_with('/') || word.starts_with('~') ||
                        word.starts_with('%') || word.starts_with("${") || word == "none";
    if (begins)
      paths.emplace_back(word);
    else
      paths.back().append(" ").append(word);
  }
  std::erase_if(paths, [](const auto& path) { return path.empty() || path == "none"; });
  return paths;
}

std::optional<std::string> agent_socket(const std::string& option, const Tokens& tokens,
                                        const LocalUser& user) {
  if (option.empty() || option == "SSH_AUTH_SOCK") return user.agent;
  if (option == "none") return std::nullopt;
  if (!option.starts_with('$') || option.starts_with("${")) return expanded(option, tokens);
  const char* value = std::getenv(option.c_str() + 1);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

/// Options that ssh would follow and we do not: going on without them would be wrong.
std::optional<Error> unsupported(const Options& options, const ConfigurationQuery& query) {
  for (const std::string_view keyword : {"proxyjump", "proxycommand"}) {
    const auto value = options.first(keyword);
    if (value.empty() || value == "none") continue;
    return Error{
        "Host is behind a jump host",
        fmt::format("ssh's configuration reaches {} through {}", printable(query.name), shown(value)),
        "Reaching hosts through a jump host is not there yet; run tidelock on a machine that reaches them "
        "directly"};
  }
  const auto revoked = options.first("revokedhostkeys");
  if (revoked.empty() || revoked == "none") return std::nullopt;
  return Error{"Cannot use ssh's configuration",
               fmt::format("RevokedHostKeys {} is not understood", shown(revoked)),
               "Write revoked host keys with @revoked into a known_hosts file"};
}

std::vector<std::filesystem::path> as_paths(const std::vector<std::string>& texts, const Tokens& tokens) {
  std::vector<std::filesystem::path> paths;
  paths.reserve(texts.size());
  for (const auto& text : texts) paths.emplace_back(expanded(text, tokens));
  return paths;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return out;
}

bool line_matters(std::string_view line) {
  constexpr std::array<std::string_view, 14> keywords{"match",
                                                      "include",
                                                      "hostname",
                                                      "user",
                                                      "port",
                                                      "identityfile",
                                                      "identityagent",
                                                      "identitiesonly",
                                                      "hostkeyalias",
                                                      "userknownhostsfile",
                                                      "globalknownhostsfile",
                                                      "revokedhostkeys",
                                                      "proxyjump",
                                                      "proxycommand"};
  const auto text = trim(line);
  const auto end = std::min(text.find_first_of(" \t="), text.size());
  const auto keyword = lower(text.substr(0, end));
  const auto value = trim(text.substr(end));
  if (keyword == "host") return value != "*";
  if (keyword == "include" && value == "/etc/ssh/ssh_config.d/*.conf") return false;  // looked at by itself
  return std::ranges::find(keywords, keyword) != keywords.end();
}

}  // namespace

LocalUser current_user() {
  LocalUser user;
  std::array<char, 16384> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) {
    user.name = found->pw_name;
    user.home = found->pw_dir;
  }
  const char* agent = std::getenv("SSH_AUTH_SOCK");
  if (agent != nullptr && *agent != '\0') user.agent = agent;
  return user;
}

HostConfiguration default_configuration(const ConfigurationQuery& query, const LocalUser& user) {
  HostConfiguration host;
  host.host_name = query.name;
  host.user = query.user.value_or(user.name);
  host.port = query.port.value_or(22);
  const auto folder = user.home / ".ssh";
  for (const auto* name : {"id_ed25519", "id_ecdsa", "id_rsa"}) host.identities.push_back(folder / name);
  host.known_hosts = {folder / "known_hosts", folder / "known_hosts2", "/etc/ssh/ssh_known_hosts",
                      "/etc/ssh/ssh_known_hosts2"};
  host.agent = user.agent;
  return host;
}

Result<HostConfiguration> parse_configuration(std::string_view output, const ConfigurationQuery& query,
                                              const LocalUser& user) {
  const Options options(output);
  if (auto error = unsupported(options, query)) return std::unexpected(std::move(*error));
  HostConfiguration host;
  host.host_name = options.first("hostname");
  host.user = options.first("user");
  const auto port = options.first("port");
  std::from_chars(port.data(), port.data() + port.size(), host.port);
  if (host.host_name.empty() || host.user.empty() || host.port == 0)
    return failure("Cannot use ssh's configuration", "`ssh -G` named no host, user or port");
  host.host_key_alias = options.first("hostkeyalias");
  if (host.host_key_alias == "none") host.host_key_alias.clear();
  host.identities_only = options.first("identitiesonly") == "yes";
  const auto tokens = tokens_for(host, query, user);
  host.identities = as_paths(options.every("identityfile"), tokens);
  std::erase(host.identities, "none");
  for (const std::string_view keyword : {"userknownhostsfile", "globalknownhostsfile"})
    for (auto& path : as_paths(split_paths(options.first(keyword)), tokens))
      host.known_hosts.push_back(std::move(path));
  host.agent = agent_socket(options.first("identityagent"), tokens, user);
  return host;
}

Result<HostConfiguration> ask_ssh(const ConfigurationQuery& query, const LocalUser& user,
                                  const std::optional<std::filesystem::path>& file, Deadline deadline,
                                  const Cancellation& cancel) {
  std::vector<std::string> command{"ssh", "-G"};
  if (file) command.insert(command.end(), {"-F", file->native()});
  if (query.user) command.insert(command.end(), {"-l", *query.user});
  if (query.port) command.insert(command.end(), {"-p", std::to_string(*query.port)});
  command.insert(command.end(), {"--", query.name});
  const auto said = run_process(command, {}, deadline, cancel);
  if (!said) return std::unexpected(said.error());
  if (said->status != 0)
    return failure("Cannot use ssh's configuration",
                   fmt::format("$ ssh -G {}      exit {}{}", printable(query.name), said->status,
                               said_lines(said->errors)));
  return parse_configuration(said->output, query, user);
}

bool matters(std::string_view system_configuration) {
  return std::ranges::any_of(split(system_configuration, '\n'), line_matters);
}

bool is_configured(const LocalUser& user, const std::filesystem::path& system_folder) {
  std::error_code ignored;
  if (std::filesystem::exists(user.home / ".ssh" / "config", ignored)) return true;
  std::vector<std::filesystem::path> files{system_folder / "ssh_config"};
  for (const auto& entry : std::filesystem::directory_iterator(system_folder / "ssh_config.d", ignored))
    files.push_back(entry.path());
  return std::ranges::any_of(files, [](const auto& file) {
    const auto text = read_file(file, largest_file);
    return text && matters(*text);
  });
}

}  // namespace tidelock::ssh
