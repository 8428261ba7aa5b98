#pragma once

#include <optional>
#include <string>
#include <vector>

#include "providers/nginx/candidate.hpp"
#include "providers/nginx/configuration/tree.hpp"
#include "providers/nginx/wish.hpp"

namespace tidelock::nginx {

/// What a configuration makes of a location of ours.
struct Proof {
  std::string lost;                  ///< why its route is answered by another; empty when it is not
  std::vector<std::string> remarks;  ///< whole sentences
};

/// Whether the location answers what it is there for, by nginx's own rules.
[[nodiscard]] Proof prove(const Tree& tree, const Site& site, const Wish& wish);

/// A request that a location of others answers now and has to answer afterwards.
struct Route {
  std::string url, address;
};

/// None of those that another location answers then.
[[nodiscard]] std::vector<Route> routes_to_keep(const Tree& before, const Tree& after);

/// Every port that a server listens on.
[[nodiscard]] std::vector<std::int64_t> ports_of(const Tree& tree);

}  // namespace tidelock::nginx
