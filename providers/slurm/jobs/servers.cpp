#include "providers/slurm/jobs/servers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "engine/base/text.hpp"

namespace tidelock::slurm {
namespace {

using Words = std::span<const ShellWord>;

constexpr auto vnc_servers = std::to_array<std::string_view>(
    {"vncserver", "tigervncserver", "tightvncserver", "turbovncserver", "Xvnc", "Xtigervnc", "Xtightvnc"});
constexpr auto x_servers = std::to_array<std::string_view>({"Xvfb", "Xorg", "X", "Xephyr", "Xnest"});
/// Programs whose --port or --listen is a port of their own, and that give up when it is taken (jupyter takes
/// the next one).
constexpr auto servers = std::to_array<std::string_view>(
    {"websockify", "novnc_proxy", "launch.sh", "code-server", "ttyd", "gotty", "uvicorn"});

std::optional<std::uint32_t> number_in(std::string_view text, std::uint32_t most) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && number <= most ? std::optional(number) : std::nullopt;
}

bool is_program(const ShellWord& word, const auto& programs) {
  return word.known && holds(programs, program_name(word.text));
}

/// The value of an option, as --port=N or --port N.
std::optional<std::pair<std::size_t, std::uint32_t>> option_port(Words words, std::size_t i,
                                                                 std::string_view option) {
  const auto& word = words[i];
  if (!word.known || !word.text.starts_with(option)) return std::nullopt;
  const auto rest = std::string_view(word.text).substr(option.size());
  const auto attached = rest.starts_with('=') ? port_in(rest.substr(1)) : std::nullopt;
  if (attached) return std::pair{word.at.begin, *attached};
  const bool apart = rest.empty() && i + 1 < words.size() && words[i + 1].known;
  const auto port = apart ? port_in(words[i + 1].text) : std::nullopt;
  return port ? std::optional(std::pair{word.at.begin, *port}) : std::nullopt;
}

/// The first [HOST:]PORT behind websockify that is no option's value.
std::optional<std::pair<std::size_t, std::uint32_t>> websockify_port(Words words) {
  constexpr auto numbered = std::to_array<std::string_view>({"--heartbeat", "--timeout", "--idle-timeout"});
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (!words[i].known) return std::nullopt;  // it may be the port
    if (holds(numbered, words[i - 1].text)) continue;
    const auto& text = words[i].text;
    if (const auto port = port_in(std::string_view(text).substr(text.rfind(':') + 1)))
      return std::pair{words[i].at.begin, *port};
  }
  return std::nullopt;
}

/// websockify, python3 -m websockify, and …/websockify/run.
bool is_websockify(const ShellWord& word) {
  return word.known && (program_name(word.text) == "websockify" || word.text.ends_with("/websockify/run"));
}

}  // namespace

std::string_view program_name(std::string_view word) {
  const auto slash = word.rfind('/');
  return slash == std::string_view::npos ? word : word.substr(slash + 1);
}

std::optional<std::uint32_t> display_in(std::string_view word) {
  if (!word.starts_with(':')) return std::nullopt;
  word.remove_prefix(1);
  constexpr std::uint32_t highest = 9999;
  return number_in(word.ends_with(".0") ? word.substr(0, word.size() - 2) : word, highest);
}

std::optional<std::uint32_t> port_in(std::string_view word) {
  constexpr std::uint32_t highest = 65535;
  const auto port = number_in(word, highest);
  return port && *port > 0 ? port : std::nullopt;
}

bool is_port_variable(std::string_view name) {
  constexpr auto names = std::to_array<std::string_view>(
      {"VNC_PORT", "RFB_PORT", "WS_PORT", "WEBSOCKET_PORT", "WEBSOCKIFY_PORT", "NOVNC_PORT"});
  return std::ranges::any_of(names, [&](std::string_view one) {
    return name == one || (name.ends_with(one) && name[name.size() - one.size() - 1] == '_');
  });
}

std::vector<std::pair<std::size_t, DisplayUse>> displays_of(Words words) {
  std::vector<std::pair<std::size_t, DisplayUse>> displays;
  constexpr auto others = std::to_array<std::string_view>({"-kill", "-list", "--kill", "--list"});
  const auto is_server = [](const ShellWord& word) {
    return is_program(word, vnc_servers) || is_program(word, x_servers);
  };
  const auto server = std::ranges::find_if(words, is_server);
  for (auto word = server; word != words.end(); ++word) {
    if (!word->known) continue;
    if (holds(others, word->text)) return {};
    const bool own_port = word->text.starts_with("-rfbport") || word->text.starts_with("--rfbport");
    if (own_port && !displays.empty()) displays.front().second.vnc = false;
    const auto number = display_in(word->text);
    if (number && displays.empty())
      displays.emplace_back(word->at.begin, DisplayUse{*number, is_program(*server, vnc_servers), {}});
  }
  return displays;
}

std::vector<std::pair<std::size_t, std::uint32_t>> ports_of(Words words) {
  std::vector<std::pair<std::size_t, std::uint32_t>> ports;
  const bool serves =
      std::ranges::any_of(words, [](const ShellWord& word) { return is_program(word, servers); });
  for (std::size_t i = 0; i < words.size(); ++i)
    for (const std::string_view option : {"-rfbport", "--rfbport", "--port", "--listen"}) {
      const auto port = serves || option.ends_with("rfbport") ? option_port(words, i, option) : std::nullopt;
      if (port) ports.push_back(*port);
    }
  const auto websockify = std::ranges::find_if(words, is_websockify);
  if (websockify != words.end())
    if (const auto port = websockify_port(Words(websockify, words.end()))) ports.push_back(*port);
  return ports;
}

}  // namespace tidelock::slurm
