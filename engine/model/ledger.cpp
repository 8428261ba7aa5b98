#include "engine/model/ledger.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/base/digest.hpp"
#include "engine/base/text.hpp"
#include "engine/model/value_json.hpp"

namespace tidelock {
namespace {

constexpr int format_version = 1;

using Json = nlohmann::json;

Json entry_json(const ResourceKey& key, const LedgerEntry& entry) {
  Json json{{"kind", key.kind}, {"name", key.name}, {"created", entry.created}, {"run", entry.run}};
  if (entry.applied) json["applied"] = to_json(*entry.applied);
  if (entry.intended) json["intended"] = to_json(*entry.intended);
  if (entry.protect) json["protect"] = true;
  if (!entry.memory.empty()) json["memory"] = entry.memory;
  if (!entry.needs.empty()) json["needs"] = to_json(entry.needs);
  return json;
}

LedgerEntry entry_from(const Json& json) {
  LedgerEntry entry;
  if (json.contains("applied")) entry.applied = attributes_from_json(json["applied"]);
  if (json.contains("intended")) entry.intended = attributes_from_json(json["intended"]);
  entry.created = json.value("created", false);
  entry.protect = json.value("protect", false);
  entry.memory = json.value("memory", "");
  entry.run = json.value("run", "");
  entry.needs = keys_from_json(json.value("needs", Json::array()));
  return entry;
}

/// The lines before the last one, when the last one vouches for them.
std::expected<std::string_view, std::string> vouched(std::string_view text) {
  if (!text.ends_with('\n')) return std::unexpected("it is cut short");
  const auto end = text.substr(0, text.size() - 1).find_last_of('\n');
  if (end == std::string_view::npos) return std::unexpected("it is cut short");
  const auto body = text.substr(0, end + 1);
  const auto last = Json::parse(text.substr(end + 1), nullptr, false);
  if (!last.is_object() || last.value("sha256", "") != sha256_hex(body))
    return std::unexpected("its digest does not match: it was cut short or changed by hand");
  return body;
}

std::expected<Ledger, std::string> parse_body(std::string_view body) {
  Ledger ledger;
  bool head = true;
  for (const auto line : split(body.substr(0, body.size() - 1), '\n')) {
    const auto json = Json::parse(line, nullptr, false);
    if (!json.is_object()) return std::unexpected("a line is not JSON");
    if (head) {
      const int version = json.value("tidelock_ledger", 0);
      if (version != format_version)
        return std::unexpected(
            fmt::format("it has format {}, and this program knows format {}", version, format_version));
      ledger.cluster = json.value("cluster", "");
      ledger.secret_key = json.value("key", "");
      ledger.node_type = json.value("node_type", "");
      if (json.contains("transfers"))
        ledger.transfers = {json["transfers"].value("bytes", std::uint64_t{0}),
                            json["transfers"].value("milliseconds", std::uint64_t{0})};
    } else {
      ledger.entries[{json.value("kind", ""), json.value("name", "")}] = entry_from(json);
    }
    head = false;
  }
  return ledger;
}

}  // namespace

std::optional<double> TransferMemory::rate() const {
  constexpr double second = 1000;
  if (bytes == 0 || milliseconds == 0) return std::nullopt;
  return static_cast<double>(bytes) / static_cast<double>(milliseconds) * second;
}

TransferMemory TransferMemory::with(const TransferMemory& newer) const {
  return {(bytes / 2) + newer.bytes, (milliseconds / 2) + newer.milliseconds};
}

const LedgerEntry* Ledger::find(std::string_view kind, std::string_view name) const {
  const auto at = entries.find(ResourceKey{std::string(kind), std::string(name)});
  return at == entries.end() ? nullptr : &at->second;
}

Attributes Ledger::stored(const Attributes& attributes) const {
  Attributes result;
  for (const auto& [name, value] : attributes) {
    const auto* hidden = std::get_if<Hidden>(&value);
    result.set(name,
               hidden == nullptr ? value : "hmac-sha256:" + hmac_sha256_hex(secret_key, hidden->sha256));
  }
  return result;
}

std::string format_ledger(const Ledger& ledger) {
  Json head{{"tidelock_ledger", format_version}, {"cluster", ledger.cluster}, {"key", ledger.secret_key}};
  if (!ledger.node_type.empty()) head["node_type"] = ledger.node_type;
  if (ledger.transfers.milliseconds > 0)
    head["transfers"] = {{"bytes", ledger.transfers.bytes}, {"milliseconds", ledger.transfers.milliseconds}};
  std::string text = dump(head) + '\n';
  for (const auto& [key, entry] : ledger.entries) text += dump(entry_json(key, entry)) + '\n';
  return text + dump(Json{{"sha256", sha256_hex(text)}}) + '\n';
}

LedgerState parse_ledger(std::string_view text) try {
  const auto body = vouched(text);
  if (!body) return BrokenLedger{body.error()};
  auto ledger = parse_body(*body);
  if (!ledger) return BrokenLedger{ledger.error()};
  return std::move(*ledger);
} catch (const Json::exception&) {  // a member of another type than ours
  return BrokenLedger{"a line is not an entry"};
}

const Ledger* readable(const LedgerState& state) { return std::get_if<Ledger>(&state); }

Ledger renamed(Ledger ledger, const std::vector<Renaming>& moved) {
  for (const auto& [kind, from, to] : moved) {
    if (kind == "cluster" && ledger.cluster == from) ledger.cluster = to;
    auto entry = ledger.entries.extract({kind, from});
    if (entry.empty()) continue;
    entry.key().name = to;
    ledger.entries.insert(std::move(entry));
  }
  return ledger;
}

Ledger fresh_ledger(std::string cluster) {
  constexpr std::size_t key_bytes = 16;
  return {.cluster = std::move(cluster), .node_type = {}, .secret_key = random_hex(key_bytes), .entries = {}};
}

}  // namespace tidelock
