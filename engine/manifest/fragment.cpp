#include "engine/manifest/schema.hpp"

namespace tidelock {

SchemaFragment parse_fragment(std::string_view text) {
  auto json = nlohmann::json::parse(text);
  return {std::move(json.at("node_type")), std::move(json.at("cluster")), std::move(json.at("definitions"))};
}

}  // namespace tidelock
