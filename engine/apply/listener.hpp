#pragma once

#include <cstdint>
#include <string>

#include "engine/apply/outcome.hpp"

namespace tidelock {

/// Told what happens during an apply, as it happens. Calls come from several threads, one at a time.
class ApplyListener {
 public:
  virtual ~ApplyListener() = default;
  virtual void step_started(const std::string& host, const std::string& what) = 0;
  virtual void uploaded(const std::string& host, const std::string& what, std::uint64_t bytes,
                        std::uint64_t total) = 0;
  virtual void change_finished(const Change& change, const Outcome& outcome) = 0;
};

}  // namespace tidelock
