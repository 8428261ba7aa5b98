#include "providers/redis/acl_users/clients.hpp"

#include <map>

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace tidelock::redis {

std::vector<std::string> clients_of(const Instance& instance, std::string_view user) {
  std::vector<std::string> clients;
  const auto* reply = instance.reply("clients");
  const auto* own = instance.reply("id");
  if (reply == nullptr || !reply->is_text()) return clients;
  for (const auto line : split(reply->text, '\n')) {
    std::map<std::string_view, std::string_view> facts;
    for (const auto word : split(line, ' '))
      if (const auto equals = word.find('='); equals != std::string_view::npos)
        facts[word.substr(0, equals)] = word.substr(equals + 1);
    const bool is_own = own != nullptr && facts["id"] == fmt::to_string(own->number);
    if (facts["user"] != user || is_own) continue;
    const auto name = facts["name"].empty() ? std::string() : fmt::format(" ({})", printable(facts["name"]));
    clients.push_back(fmt::format("client {}{}", printable(facts["addr"]), name));
  }
  return clients;
}

}  // namespace tidelock::redis
