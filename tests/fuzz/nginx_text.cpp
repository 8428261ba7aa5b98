// Whatever the bytes: every one of them is kept, what was understood is read again the same, and an include
// line that was put in comes out without a trace.
#include <cstdint>
#include <cstdlib>

#include "providers/nginx/configuration/edit.hpp"
#include "tests/unit/providers/nginx_rebuilt.hpp"

namespace {

using namespace tidelock::nginx;

void demand(bool holds) {
  if (!holds) std::abort();
}

const Directive* included(const std::vector<Directive>& directives, std::string_view path) {
  for (const auto& directive : directives) {
    if (directive.name() == "include" && directive.argument(0) == path) return &directive;
    if (const auto* inside = included(directive.children, path)) return inside;
  }
  return nullptr;
}

void try_edit(const std::string& bytes, std::size_t anchor) {
  constexpr const char* path = "/etc/nginx/tidelock/fuzzed.conf";
  const auto edited = parse(with_include(bytes, anchor, path, "ours"));
  demand(edited.has_value());
  const auto* line = included(edited->directives, path);
  demand(line != nullptr);
  demand(without_include(edited->bytes, line->at) == bytes);
}

void try_all(const std::string& bytes, const std::vector<Directive>& directives) {
  for (const auto& directive : directives) {
    const auto again = parse(canonical(directive) + ";");
    demand(again.has_value() && canonical(again->directives.front()) == canonical(directive));
    try_edit(bytes, directive.at.begin);
    if (directive.body && !directive.lua) try_edit(bytes, directive.body->end);
    try_all(bytes, directive.children);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const auto text = parse(bytes);
  if (!text) return 0;
  demand(text->bytes == bytes);
  demand(Rebuilder(*text).rebuild() == bytes);
  if (bytes.find("fuzzed.conf") == std::string::npos && size < 2000) try_all(bytes, text->directives);
  return 0;
}
