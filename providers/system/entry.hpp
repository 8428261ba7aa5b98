#pragma once

#include <memory>
#include <string>

#include "engine/model/provider.hpp"
#include "providers/common/keys.hpp"

namespace tidelock::system {

/// What all kinds of the family have in common: name, place, protect, detect_only, ignore.
[[nodiscard]] std::shared_ptr<Declaration> declaration_of(std::string kind, const Node::Entry& entry,
                                                          const Section& section);

/// Reads a scalar or a list of the entry by its value type, where it is written, into an attribute of the
/// same name. Lists become sets. They were checked with the schema.
void take(Declaration& declaration, const Node& body, std::string_view name, std::string_view type);

}  // namespace tidelock::system
