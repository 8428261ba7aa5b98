#pragma once

#include "engine/plan/plan.hpp"

namespace tidelock {

/// libgit2 set up for the life of the program: once, in main.
class GitLibrary {
 public:
  GitLibrary();
  ~GitLibrary();
  GitLibrary(const GitLibrary&) = delete;
  GitLibrary& operator=(const GitLibrary&) = delete;
};

/// Fills in the commit of the repository that the manifest lies in, and whether the manifest's folder differs
/// from it. Outside of a repository, or where git does not trust its owner, nothing is filled in.
void add_commit(PlanSource& source);

}  // namespace tidelock
