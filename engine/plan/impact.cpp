#include "engine/plan/impact.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>

namespace tidelock {
namespace {

std::map<std::string_view, double> bytes_by_host(const Plan& plan) {
  std::map<std::string_view, double> bytes;
  for (const auto& change : plan.changes)
    if (change.writes() && change.bytes_to_send > 0)
      bytes[change.host] += static_cast<double>(change.bytes_to_send);
  return bytes;
}

/// Bytes a second, of the hosts that were sent something before.
std::map<std::string_view, double> rates_by_host(const std::vector<HostObservation>& observations) {
  std::map<std::string_view, double> rates;
  for (const auto& observation : observations)
    if (const auto* ledger = readable(observation.ledger); ledger != nullptr)
      if (const auto rate = ledger->transfers.rate()) rates[observation.host] = *rate;
  return rates;
}

}  // namespace

Impact impact_of(const Plan& plan) {
  Impact impact;
  impact.transfer_seconds = plan.transfer_seconds;
  for (const auto& change : plan.changes) {
    if (!change.writes()) continue;
    impact.bytes_to_send += change.bytes_to_send;
    for (const auto& disturbance : change.disturbs) impact.items.push_back({&change, &disturbance});
    if (!change.irreversible.empty()) impact.irreversible.push_back(&change);
  }
  return impact;
}

std::optional<std::uint64_t> expected_transfer_seconds(const Plan& plan,
                                                       const std::vector<HostObservation>& observations,
                                                       const Transfers& transfers) {
  const auto bytes = bytes_by_host(plan);
  const auto rates = rates_by_host(observations);
  if (bytes.empty() || rates.empty()) return std::nullopt;
  double sum_of_rates = 0;
  for (const auto& [host, rate] : rates) sum_of_rates += rate;
  const auto usual = sum_of_rates / static_cast<double>(rates.size());
  double slowest = 0;
  double together = 0;
  double all_bytes = 0;
  for (const auto& [host, amount] : bytes) {
    const auto known = rates.find(host);
    const auto seconds = amount / (known == rates.end() ? usual : known->second);
    slowest = std::max(slowest, seconds);
    together += seconds;
    all_bytes += amount;
  }
  auto expected = std::max(slowest, together / std::max(1U, transfers.parallel));
  constexpr double bits = 8;
  if (transfers.bandwidth)
    expected = std::max(expected, all_bytes * bits / static_cast<double>(*transfers.bandwidth));
  return static_cast<std::uint64_t>(std::ceil(expected));
}

}  // namespace tidelock
