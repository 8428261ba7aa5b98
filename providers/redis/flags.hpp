#pragma once

#include "engine/manifest/node.hpp"
#include "engine/model/declaration.hpp"
#include "providers/common/keys.hpp"

namespace tidelock::redis {

/// What may be written of every resource.
inline void take_flags(Declaration& declaration, const Node& body) {
  declaration.protect = is_true(body.find("protect"));
  declaration.detect_only = is_true(body.find("detect_only"));
  if (const auto* ignored = body.find("ignore"))
    for (auto& name : ignored->texts()) declaration.ignore.insert(std::move(name));
}

}  // namespace tidelock::redis
