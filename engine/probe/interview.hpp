#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "engine/model/provider.hpp"
#include "engine/probe/session.hpp"

namespace tidelock {

struct Question {
  std::string section;  ///< "files"; one word, and its own in each round
  Probe probe;
};

/// By section; a family whose answer did not come has the reason instead.
using Answers = std::map<std::string, Result<ProbeOutput>, std::less<>>;

/// A way to put questions to one host: through a session, or from a recording.
class Interview {
 public:
  virtual ~Interview() = default;
  /// Asks everything in one exec. An error means that the host could not be asked at all.
  [[nodiscard]] virtual Result<Answers> ask(std::span<const Question> questions) = 0;
};

/// The engine's own question, asked with the first round: what the host's ledger says.
[[nodiscard]] Question ledger_question();
inline constexpr std::string_view ledger_section = "ledger";

/// Asks a living host. A family that exceeds its limit costs only its own answer: the ones behind it are
/// asked again in another exec.
class LiveInterview final : public Interview {
 public:
  explicit LiveInterview(Session& session) : session_(session) {}
  [[nodiscard]] Result<Answers> ask(std::span<const Question> questions) override;

 private:
  Session& session_;
};

/// The error for a program that ended before it said anything: nearly always sudo.
[[nodiscard]] Error did_not_start(const Exchange& exchange);

}  // namespace tidelock
