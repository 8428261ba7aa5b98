#pragma once

#include <string>

namespace tidelock::property {

/// Takes what this process prints, as long as it lives.
class Transcript {
 public:
  Transcript();
  ~Transcript();
  Transcript(const Transcript&) = delete;
  Transcript& operator=(const Transcript&) = delete;

  /// All of it so far.
  [[nodiscard]] std::string text() const;

 private:
  int file_;
  int output_;
  int errors_;
};

}  // namespace tidelock::property
