#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/probe/interview.hpp"

namespace tidelock {

/// What one host answered, round by round, or why it could not be asked. What `observe --out` writes and
/// `--observed` reads: a plan without the cluster.
struct HostRecording {
  std::vector<Answers> rounds;
  std::optional<Error> failure;
};

/// By host.
using Recording = std::map<std::string, HostRecording, std::less<>>;

[[nodiscard]] std::string format_recording(const Recording& recording);
[[nodiscard]] Result<Recording> parse_recording(std::string_view text);

/// Puts questions to another interview and keeps what it answers.
class RecordingInterview final : public Interview {
 public:
  RecordingInterview(Interview& living, HostRecording& recording) : living_(living), recording_(recording) {}
  [[nodiscard]] Result<Answers> ask(std::span<const Question> questions) override;

 private:
  Interview& living_;
  HostRecording& recording_;
};

/// Answers from a recording. A question that was not asked then has no answer.
class RecordedInterview final : public Interview {
 public:
  explicit RecordedInterview(const HostRecording& recording) : recording_(recording) {}
  [[nodiscard]] Result<Answers> ask(std::span<const Question> questions) override;

 private:
  const HostRecording& recording_;
  std::size_t round_ = 0;
};

}  // namespace tidelock
