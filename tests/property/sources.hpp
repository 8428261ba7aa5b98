#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace tidelock::property {

/// The local files that manifests name. Each version of one differs from all others.
class Sources {
 public:
  explicit Sources(std::filesystem::path folder);

  void renew(const std::string& name);

 private:
  void write(const std::string& name) const;

  std::filesystem::path folder_;
  std::map<std::string, int> versions_;
};

}  // namespace tidelock::property
