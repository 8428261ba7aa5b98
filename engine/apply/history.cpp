#include "engine/apply/history.hpp"

#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/apply/history.sh.hpp"
#include "engine/base/text.hpp"
#include "engine/model/value_json.hpp"
#include "engine/probe/interview.hpp"

namespace tidelock {
namespace {

using Json = nlohmann::json;

std::string kept_path(const std::string& run, std::string_view number) {
  return fmt::format("/var/lib/tidelock/history/{}/{}", run, number);
}

/// Digests of secrets are written down here and nowhere else: who can read this file can read the secret.
Json secrets_of(const Attributes& attributes) {
  auto json = Json::object();
  for (const auto& [name, value] : attributes)
    if (const auto* hidden = std::get_if<Hidden>(&value)) json[name] = hidden->sha256;
  return json;
}

/// What the n-th file or folder of a change is kept as.
std::string kept_name(std::size_t number, std::size_t n) {
  return n == 0 ? fmt::to_string(number) : fmt::format("{}.{}", number, n);
}

Json record_json(const Change& change, std::size_t number) {
  Json json{{"kind", change.declaration->kind},
            {"name", change.declaration->name},
            {"action", to_string(change.action)},
            {"before", change.before ? to_json(*change.before) : Json()}};
  if (change.before)
    if (auto secrets = secrets_of(*change.before); !secrets.empty()) json["secrets"] = std::move(secrets);
  if (!change.declaration->inputs.empty()) json["inputs"] = to_json(change.declaration->inputs);
  for (std::size_t n = 0; n < change.before_images.size(); ++n)
    json["kept"][change.before_images[n].path] = kept_name(number, n);
  return json;
}

std::optional<HistoryRecord> parse_record(const Json& json, const std::string& run) try {
  HistoryRecord record{.key = {.kind = json.at("kind"), .name = json.at("name")},
                       .action = json.at("action"),
                       .before = {},
                       .inputs = {},
                       .kept = {}};
  if (json.at("before").is_object()) record.before = attributes_from_json(json.at("before"));
  if (json.contains("secrets"))
    for (const auto& [name, digest] : json.at("secrets").items())
      record.before->set(name, Hidden{digest.get<std::string>()});
  record.inputs = keys_from_json(json.value("inputs", Json::array()));
  if (json.contains("kept"))
    for (const auto& [path, number] : json.at("kept").items())
      record.kept[path] = kept_path(run, number.get<std::string>());
  return record;
} catch (const Json::exception&) {
  return std::nullopt;
}

HistoryRun parse_run(std::string name, std::string_view text) {
  HistoryRun run{.run = std::move(name), .holder = {}, .records = {}};
  for (const auto line : split(text, '\n')) {
    const auto json = Json::parse(line, nullptr, false);
    if (!json.is_object()) continue;
    if (json.contains("holder") && json["holder"].is_string()) run.holder = json["holder"];
    if (auto record = parse_record(json, run.run)) run.records.push_back(std::move(*record));
  }
  return run;
}

}  // namespace

HistoryEntry history_entry(std::span<const Change* const> changes, const std::string& run,
                           const std::string& holder, std::size_t first) {
  HistoryEntry entry;
  if (first == 0) entry.lines = dump(Json{{"run", run}, {"holder", holder}}) + '\n';
  for (const auto* change : changes) {
    const auto number = first++;
    entry.lines += dump(record_json(*change, number)) + '\n';
    for (std::size_t n = 0; n < change->before_images.size(); ++n) {
      entry.keep.push_back(change->before_images[n].path);
      entry.keep.push_back(kept_name(number, n));
    }
  }
  return entry;
}

Result<std::vector<HistoryRun>> read_history(Session& session) {
  constexpr std::chrono::seconds limit{30};
  LiveInterview interview(session);
  const Question question{
      "history", {.scripts = {Script(embedded::apply_history_sh, "tl_history_read")}, .limit = limit}};
  auto answers = interview.ask(std::span(&question, 1));
  if (!answers) return std::unexpected(answers.error());
  auto& answer = answers->at("history");
  if (!answer) return std::unexpected(answer.error());
  std::vector<HistoryRun> runs;
  for (std::size_t i = 0; i + 1 < answer->records.size(); i += 2)
    runs.push_back(parse_run(answer->records[i], answer->records[i + 1]));
  return runs;
}

std::vector<HistoryRecord> state_before(std::span<const HistoryRun> runs, std::string_view run) {
  std::vector<HistoryRecord> state;
  std::set<ResourceKey> seen;
  for (const auto& one : runs) {
    if (one.run < run) continue;
    for (const auto& record : one.records)
      if (seen.insert(record.key).second) state.push_back(record);
  }
  return state;
}

}  // namespace tidelock
