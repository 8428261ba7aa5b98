#pragma once

#include <string_view>

#include "engine/probe/session.hpp"
#include "engine/probe/shell_program.hpp"

namespace tidelock {

/// Marks a place between two effects of an apply: whatever happens here, the next apply has to cope with it.
/// None of these does anything. A program of the tests is linked with definitions of its own, which end it at
/// such a place, cut its connections, or stop it.
void at_boundary(std::string_view where);

/// The host goes through the steps of one exec by itself. These mark the places between them: what goes into
/// the program there, and what the client does when it has heard that the step before has ended.
void mark_boundary(ShellProgram& program);
void pass_boundary(Exchange& exchange, std::string_view where);

}  // namespace tidelock
