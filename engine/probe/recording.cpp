#include "engine/probe/recording.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/base/encoding.hpp"
#include "engine/base/text.hpp"

namespace tidelock {
namespace {

using Json = nlohmann::json;

constexpr int recording_version = 1;

Json record_json(const std::string& record) {
  return is_utf8(record) ? Json(record) : Json{{"base64", to_base64(record)}};
}

Json error_json(const Error& error) {
  return {{"summary", printable(error.summary)},
          {"detail", printable(error.detail)},
          {"advice", printable(error.advice)}};
}

Json answer_json(const Result<ProbeOutput>& answer) {
  if (!answer) return {{"error", error_json(answer.error())}};
  auto records = Json::array();
  for (const auto& record : answer->records) records.push_back(record_json(record));
  return {{"status", answer->status}, {"records", std::move(records)}};
}

Json host_json(const HostRecording& host) {
  if (host.failure) return {{"error", error_json(*host.failure)}};
  auto rounds = Json::array();
  for (const auto& round : host.rounds) {
    auto sections = Json::object();
    for (const auto& [section, answer] : round) sections[section] = answer_json(answer);
    rounds.push_back(std::move(sections));
  }
  return {{"rounds", std::move(rounds)}};
}

Error parse_error(const Json& json) { return {json.at("summary"), json.at("detail"), json.at("advice")}; }

Result<ProbeOutput> parse_answer(const Json& json) {
  if (json.contains("error")) return std::unexpected(parse_error(json.at("error")));
  ProbeOutput output{.records = {}, .status = json.at("status")};
  for (const auto& record : json.at("records")) {
    const auto text =
        record.is_object() ? from_base64(record.at("base64").get<std::string>()) : record.get<std::string>();
    output.records.push_back(text.value_or(""));
  }
  return output;
}

HostRecording parse_host(const Json& json) {
  HostRecording host;
  if (json.contains("error")) {
    host.failure = parse_error(json.at("error"));
    return host;
  }
  for (const auto& round : json.at("rounds")) {
    Answers answers;
    for (const auto& [section, answer] : round.items())
      answers.insert_or_assign(section, parse_answer(answer));
    host.rounds.push_back(std::move(answers));
  }
  return host;
}

}  // namespace

std::string format_recording(const Recording& recording) {
  auto hosts = Json::object();
  for (const auto& [name, host] : recording) hosts[name] = host_json(host);
  return Json{{"tidelock_observed", recording_version}, {"hosts", std::move(hosts)}}.dump(1) + '\n';
}

Result<Recording> parse_recording(std::string_view text) try {
  const auto json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("tidelock_observed"))
    return failure("This is no recording", "it is not JSON that `tidelock observe --out FILE` wrote");
  if (json.at("tidelock_observed") != recording_version)
    return failure("This recording has another format", "it was written by another version of this program");
  Recording recording;
  for (const auto& [name, host] : json.at("hosts").items()) recording.emplace(name, parse_host(host));
  return recording;
} catch (const Json::exception& error) {
  return failure("This is no recording", error.what(), "`tidelock observe --out FILE` writes one");
}

Result<Answers> RecordingInterview::ask(std::span<const Question> questions) {
  auto answers = living_.ask(questions);
  if (answers)
    recording_.rounds.push_back(*answers);
  else
    recording_.failure = answers.error();
  return answers;
}

Result<Answers> RecordedInterview::ask(std::span<const Question> questions) {
  if (recording_.failure) return std::unexpected(*recording_.failure);
  Answers answers;
  for (const auto& question : questions)
    answers.insert_or_assign(question.section, failure("The recording has no answer to this"));
  if (round_ < recording_.rounds.size())
    for (const auto& [section, answer] : recording_.rounds[round_]) answers.insert_or_assign(section, answer);
  ++round_;
  return answers;
}

}  // namespace tidelock
