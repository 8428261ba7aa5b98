#include "providers/python/answers.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "providers/python/venv.hpp"

namespace tidelock::python {
namespace {

/// Why find could not look, from its message: the part behind the last ": ", which is strerror(3)'s text.
std::variant<Place, Absent, Unknown> meaning_of(std::string_view message) {
  const auto colon = message.rfind(": ");
  const auto reason = colon == std::string_view::npos ? message : message.substr(colon + 2);
  if (reason == "No such file or directory") return Absent{};
  return Unknown{printable(reason)};
}

Stamp parse_stamp(std::string text, bool whole) {
  Stamp stamp{.text = std::move(text), .words = {}, .whole = whole};
  if (!stamp.text.starts_with("venv 1 ")) return stamp;
  for (const auto word : split(stamp.text, ' '))
    if (const auto equals = word.find('='); equals != std::string_view::npos)
      stamp.words.emplace(word.substr(0, equals), word.substr(equals + 1));
  return stamp;
}

/// Reads records one after the other. Data begins with what no label does.
class VenvAnswerParser {
 public:
  VenvAnswerParser(VenvAnswers& answers, const std::vector<std::string>& paths)
      : answers_(answers), paths_(paths) {}

  void read(const std::vector<std::string>& records) {
    records_ = &records;
    at_ = 0;
    while (more()) {
      const auto& label = take();
      if (label == "venv paths") read_places();
      if (label == "venv errors" && more()) read_errors(data());
      if (label == "venv builds") read_builds();
      if (label == "venv stamps") read_stamps();
      if (label == "venv owners") read_owners();
      if (label == "venv end") answers_.sound = sound_;
      if (label == "venv version" && more(2)) read_version();
      if (label == "venv passwd") read_names(answers_.users);
      if (label == "venv group") read_names(answers_.groups);
      if (label == "holders") answers_.holders = Holders::parse(records, at_);
    }
  }

 private:
  [[nodiscard]] bool more(std::size_t count = 1) const { return records_->size() - at_ >= count; }
  const std::string& take() { return (*records_)[at_++]; }
  [[nodiscard]] bool more_paths(std::size_t count) const {
    return more(count) && (*records_)[at_].starts_with('/');
  }
  /// What follows the sign that keeps it from passing for a label.
  std::string data() {
    const auto& record = take();
    if (record.starts_with('=')) return record.substr(1);
    sound_ = false;
    return {};
  }

  void read_places() {
    while (more_paths(3)) {
      const auto& path = take();
      const auto& type = take();
      auto link = data();
      if (type.size() == 1 && sound_) answers_.places[path] = Place{type.front(), std::move(link)};
    }
  }

  /// Each path that was not listed has one message, in order. With any other number of messages nothing can
  /// be said of these paths.
  void read_errors(const std::string& text) {
    std::vector<std::string> missing;
    for (const auto& path : paths_)
      if (!answers_.places.contains(path)) missing.push_back(path);
    const auto messages = split(text, '\n');
    for (std::size_t i = 0; i < missing.size(); ++i)
      answers_.places.emplace(missing[i], messages.size() == missing.size()
                                              ? meaning_of(messages[i])
                                              : Unknown{"find gave no clear answer"});
  }

  void read_builds() {
    if (!answers_.builds) answers_.builds.emplace();
    while (more_paths(1)) answers_.builds->insert(take());
  }

  void read_stamps() {
    auto& stamps = answers_.stamps.emplace();
    while (more_paths(3)) {
      const auto& path = take();
      auto text = data();
      const bool whole = data() == "yes";
      stamps[path] = parse_stamp(std::move(text), whole);
    }
  }

  void read_owners() {
    constexpr std::size_t fields = 5;
    while (more_paths(fields)) {
      const std::string_view place = take();  // the path with "/." behind
      Owner owner;
      for (auto* part : {&owner.uid, &owner.gid, &owner.user, &owner.group}) *part = data();
      if (sound_ && place.ends_with("/."))
        answers_.owners[std::string(place.substr(0, place.size() - 2))] = owner;
    }
  }

  void read_version() {
    const auto& python = take();
    answers_.versions[python] = data();
  }

  void read_names(Names& names) {
    names.emplace();
    while (more() && (*records_)[at_].starts_with('=')) names->insert(take().substr(1));
  }

  VenvAnswers& answers_;
  const std::vector<std::string>& paths_;
  const std::vector<std::string>* records_ = nullptr;
  std::size_t at_ = 0;
  bool sound_ = true;
};

}  // namespace

VenvAnswers parse_venv_answers(std::span<const ProbeOutput> outputs, const std::vector<std::string>& paths) {
  VenvAnswers answers;
  VenvAnswerParser parser(answers, paths);
  for (const auto& output : outputs) parser.read(output.records);
  return answers;
}

}  // namespace tidelock::python
