#pragma once
#include <string>
#include <vector>

#include "app/project/timing.h"

namespace devc::app {

/// A step on the longest way from the beginning of an `up` to its end.
struct CriticalStep {
    std::size_t step = 0;      ///< index in Timing::steps
    std::int64_t waited = 0;   ///< nanoseconds between the end of what it came after (or the beginning) and its own begin
};

/// From the first step to the one that ended last: before each the one of those it came after that ended last. Pure.
std::vector<CriticalStep> criticalPath(const Timing& timing);

std::string timingAsText(const Timing& timing);
std::string timingAsJson(const Timing& timing);

}  // namespace devc::app
