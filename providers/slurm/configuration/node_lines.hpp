#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "providers/slurm/configuration/edit.hpp"
#include "providers/slurm/configuration/text.hpp"

namespace tidelock::slurm {

/// Names a host list in a configuration stands for: as `expand_hostlist`, but blanks separate as commas do
/// and may be more than one, and a bracket that is the last of a name must end it, as Slurm's own parser has
/// it: it refuses n[1-2]-ib.
[[nodiscard]] Result<std::vector<std::string>> expand_node_names(std::string_view text);

/// The names as a list that gives them back in just this order: folded where that is possible, otherwise with
/// commas.
[[nodiscard]] std::string fold_node_names(std::span<const std::string> names);

/// In which statements each node is, as indexes. In slurm.conf one node must not be in two (slurmctld ends
/// itself); in gres.conf these are all its lines with NodeName. DEFAULT records are none.
using NodeLines = std::map<std::string, std::vector<std::size_t>, std::less<>>;

/// More nodes in more lines are refused.
inline constexpr std::size_t max_node_lines = 262'144;

/// Refused where a NodeName is no host list: nothing could be said about its nodes then.
[[nodiscard]] Result<NodeLines> node_lines(const ConfigurationText& configuration);

/// Gives some nodes of a NodeName line a line of their own right behind it, which says the same about them.
/// Nothing is done when all nodes of the line are named. What is listed node by node (NodeAddr, NodeHostname,
/// BcastAddr, Port) is divided with them. Refused: names that are not in the line, none at all, lists that do
/// not fit the nodes, and a Port list that a DEFAULT record gives. Done again it is refused: the nodes have
/// left.
[[nodiscard]] Result<ConfigurationText> split_nodes(const ConfigurationText& configuration,
                                                    std::size_t statement,
                                                    std::span<const std::string> names);

/// Makes keys of these nodes, and of no others, what is asked for, in slurm.conf. Lines are split where only
/// some of their nodes change. Values that a line has already, be it from a DEFAULT record, are not written
/// again. One value goes into each line, so what is listed node by node is to be set line by line. Refused:
/// nodes without a line or with several, and what `split_nodes` and `change_record` refuse.
[[nodiscard]] Result<ConfigurationText> change_nodes(const ConfigurationText& configuration,
                                                     std::span<const std::string> names,
                                                     std::span<const Setting> settings);

}  // namespace tidelock::slurm
