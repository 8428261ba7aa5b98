#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/base/source.hpp"
#include "engine/manifest/value.hpp"
#include "engine/model/address.hpp"

namespace tidelock {

/// What a provider keeps with a declaration for its own use: where an image's bytes are, for example. The
/// engine carries it and never looks inside.
struct Payload {
  Payload() = default;
  Payload(const Payload&) = delete;
  Payload& operator=(const Payload&) = delete;
  virtual ~Payload() = default;
};

/// Resources that make sense only together, on several hosts: the parts of a configuration that is to be the
/// same on all of them. They are settled together (Provider::settle), those of the leading host are changed
/// last, and when one of them fails, those that were changed go back.
struct Together {
  std::string group;  ///< its name
  std::string lead;   ///< the host from which the others take what they are to be

  bool operator==(const Together&) const = default;
};

/// One desired thing, before it is put on a host: kind, name, attributes, and the line that declared it. Many
/// hosts share one declaration.
struct Declaration {
  std::string kind;
  std::string name;
  Attributes attributes;  ///< canonical; only these are compared
  Location at;

  /// The absolute path it occupies, for kinds that have one: gives it its place among directories, and
  /// decides whether it lies on a shared file system.
  std::optional<std::string> path;
  /// What stands before it where the same host has that too: the owner of a file, for example. It is made
  /// after them and deleted before them.
  std::vector<ResourceKey> after;
  /// What it has to act on again when that changes: the files that a service reads. Each must be on the same
  /// host. The engine keeps the attribute `inputs` for it, the digest of what these resources are declared to
  /// be; it differs until an apply that ended well has seen them as they are.
  std::vector<ResourceKey> inputs;
  std::optional<Together> together;
  /// Attributes that count when it is created and are never compared: `ignore:` in the manifest.
  std::set<std::string, std::less<>> ignore;
  bool protect = false;      ///< never deleted or replaced, also after it is no longer declared
  bool detect_only = false;  ///< differences are shown and never mended
  /// A missing parent of something declared: made when absent, never compared, recorded or pruned.
  bool implied = false;
  /// Which part of the manifest asked, outermost first: "node type viz", "extends base".
  std::vector<std::string> asked_by;
  std::shared_ptr<const Payload> payload;
};

using DeclarationPtr = std::shared_ptr<const Declaration>;

/// A declaration and the hosts it is for.
struct Placement {
  DeclarationPtr declaration;
  std::vector<std::string> hosts;
};

}  // namespace tidelock
