#include <algorithm>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/command/explanation.hpp"
#include "engine/command/verbs.hpp"
#include "engine/model/value_json.hpp"

namespace tidelock {
namespace {

Exit unknown_address(const Options& options, const Workspace& workspace, const Console& console) {
  const auto near = closest(options.address, workspace.addresses());
  console.show(Error{"Nothing with this address is declared", shown(options.address),
                     near ? fmt::format("did you mean {}?", shown(*near))
                          : "write HOST:KIND:NAME, for example node001:directory:/opt/apptainers"});
  return Exit::error;
}

/// Declared, or remembered by the host's ledger; null for neither.
DeclarationPtr find_declaration(const Address& address, const GraphHost& host, const HostObservation& seen) {
  if (const auto* item = host.blueprint->find(address.kind, address.name)) return item->declaration;
  const auto orphan = std::ranges::find_if(seen.orphans, [&](const Orphan& one) {
    return one.declaration->kind == address.kind && one.declaration->name == address.name;
  });
  return orphan == seen.orphans.end() ? nullptr : orphan->declaration;
}

}  // namespace

Exit run_explain(const Options& options, const Wiring& wiring, const Console& console) {
  const auto loaded = Workspace::load(options, wiring, console, Workspace::Secrets::resolve);
  if (!loaded) return loaded.error();
  const auto& workspace = *loaded;
  const auto address = parse_address(options.address);
  const auto* host = address ? workspace->graph().find(address->host) : nullptr;
  if (host == nullptr) return unknown_address(options, *workspace, console);
  auto only_it = options;
  only_it.selection.hosts = {host->node->name};
  auto seen = workspace->look(only_it, console);
  if (!seen) {
    console.show(seen.error());
    return Exit::error;
  }
  const auto declaration = find_declaration(*address, *host, seen->front());  // others only lead it
  if (declaration == nullptr) return unknown_address(options, *workspace, console);
  const Explanation explanation(*workspace, *host, declaration, *seen);
  console.answer(options.format == Format::json ? dump(explanation.json(), 1) + '\n'
                                                : explanation.text(console.answer_style()));
  return explanation.checked() ? Exit::done : Exit::incomplete;
}

}  // namespace tidelock
