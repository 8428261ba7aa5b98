#pragma once

#include <span>

#include "engine/model/declaration.hpp"
#include "providers/slurm/accounting/book.hpp"
#include "providers/slurm/controller_book.hpp"
#include "providers/slurm/jobs/cluster_facts.hpp"

namespace tidelock::slurm {

/// The cluster as it will be when what is declared is done: the living one, with the QoS, accounts and users
/// of the manifest. Images are not among these facts.
[[nodiscard]] ClusterFacts facts_of(const Book& book, const ControllerBook& controller,
                                    std::span<const DeclarationPtr> declared);

}  // namespace tidelock::slurm
