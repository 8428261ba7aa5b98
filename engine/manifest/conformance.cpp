// The only file that includes valijson: it takes long to compile, and its messages end here.
#include "engine/manifest/conformance.hpp"

#include <algorithm>
#include <set>

#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace tidelock {
namespace {

using valijson::adapters::NlohmannJsonAdapter;

/// "<root>", "[nodes]", "[node001]" without the brackets and the root.
TreePath path_of(const std::vector<std::string>& context) {
  TreePath path;
  for (std::size_t i = 1; i < context.size(); ++i)
    path.push_back(context[i].substr(1, context[i].size() - 2));
  return path;
}

bool begins_with(const TreePath& path, const TreePath& head) {
  return path.size() >= head.size() && std::equal(head.begin(), head.end(), path.begin());
}

/// One wrong value makes everything around it wrong, too: only the innermost counts. Sorted paths have what
/// lies below a path right behind it.
std::vector<TreePath> innermost(const std::set<TreePath>& paths) {
  std::vector<TreePath> result;
  for (auto path = paths.begin(); path != paths.end(); ++path) {
    const auto next = std::next(path);
    if (next == paths.end() || !begins_with(*next, *path)) result.push_back(*path);
  }
  return result;
}

}  // namespace

std::vector<TreePath> violations(const nlohmann::json& schema, const nlohmann::json& instance) {
  valijson::Schema compiled;
  valijson::SchemaParser(valijson::SchemaParser::kDraft7)
      .populateSchema(NlohmannJsonAdapter(schema), compiled);
  valijson::Validator validator;
  const NlohmannJsonAdapter target(instance);
  if (validator.validate(compiled, target, nullptr)) return {};
  valijson::ValidationResults results;
  validator.validate(compiled, target, &results);
  std::set<TreePath> paths;
  for (const auto& error : results) paths.insert(path_of(error.context));
  return innermost(paths);
}

}  // namespace tidelock
