#include "providers/redis/connection.hpp"

#include <nlohmann/json.hpp>

namespace tidelock::redis {
namespace {

std::shared_ptr<const Connection> connection_of(const Declaration& declaration) {
  const auto* declared = dynamic_cast<const Declared*>(declaration.payload.get());
  return declared == nullptr ? nullptr : declared->connection;
}

std::string member(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::vector<std::string> members(const nlohmann::json& object, const char* name) {
  std::vector<std::string> texts;
  const auto found = object.find(name);
  if (found == object.end() || !found->is_array()) return texts;
  for (const auto& item : *found)
    if (item.is_string()) texts.push_back(item.get<std::string>());
  return texts;
}

}  // namespace

std::shared_ptr<const Connection> connection_for(std::span<const Subject> subjects,
                                                 const ProbeOptions& options) {
  for (const auto& subject : subjects)
    if (auto connection = connection_of(*subject.declaration)) return connection;
  for (const auto& subject : subjects)
    if (const auto* found = dynamic_cast<const Found*>(subject.payload)) return found->connection;
  for (const auto& declaration : options.declared)
    if (auto connection = connection_of(*declaration)) return connection;
  for (const auto& subject : subjects)
    if (auto remembered = recall_memory(subject.memory).connection; !remembered.address.empty())
      return std::make_shared<const Connection>(std::move(remembered));
  return nullptr;
}

std::string to_memory(const Memory& memory) {
  nlohmann::json object{{"address", memory.connection.address}};
  if (!memory.connection.user.empty()) object["user"] = memory.connection.user;
  if (!memory.commands.empty()) object["commands"] = memory.commands;
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Memory recall_memory(std::string_view line) {
  const auto object = nlohmann::json::parse(line, nullptr, false);
  Memory memory;
  if (!object.is_object()) return memory;
  memory.connection.address = member(object, "address");
  memory.connection.user = member(object, "user");
  memory.commands = members(object, "commands");
  return memory;
}

}  // namespace tidelock::redis
