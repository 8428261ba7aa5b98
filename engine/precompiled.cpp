#include "engine/precompiled.hpp"
