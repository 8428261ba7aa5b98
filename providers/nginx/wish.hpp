#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/declaration.hpp"
#include "engine/model/provider.hpp"
#include "providers/nginx/configuration/route.hpp"

namespace tidelock::nginx {

/// A request that has to be answered after a reload.
struct Check {
  std::string url;
  std::int64_t status = 200;
  std::string ca;  ///< file on the host; empty: any certificate will do
};

/// What the manifest says of nginx as a whole, and what a declaration out of a host's history brings along.
struct NginxPlan final : Payload {
  bool when_idle = false;  ///< reload only while no connections last
  std::vector<Check> checks;
  KeptPaths kept;  ///< of a location that stood elsewhere before: where the host keeps its files of then
};

[[nodiscard]] inline const NginxPlan* plan_of(const Declaration& declaration) {
  return dynamic_cast<const NginxPlan*>(declaration.payload.get());
}

/// Which of a file's server blocks.
struct ServerMatch {
  std::string listen, server_name;  ///< empty: any
};

/// A declaration, taken apart.
struct Wish {
  std::string_view kind;
  std::string server;  ///< the manifest's name for it; of a location or a server
  std::string name;    ///< the pattern of a location as nginx reads it, or the upstream's name
  std::vector<std::string> directives;  ///< statements
  std::string file;                     ///< of a location: where its server stands
  ServerMatch match;
  std::string before, like;  ///< patterns of other locations
  std::string stands_in;     ///< of a location: the file that has to hold it; empty: any
};

[[nodiscard]] Wish wish_of(const Declaration& declaration);

/// A pattern as it is written in a block's head: words as they have to be spelt.
[[nodiscard]] std::optional<Pattern> parse_pattern(std::string_view text);
[[nodiscard]] std::string head_of(const Pattern& pattern);

/// "listen 443, server_name portal.example", and back.
[[nodiscard]] std::string to_text(const ServerMatch& match);
[[nodiscard]] ServerMatch parse_match(std::string_view text);

}  // namespace tidelock::nginx
