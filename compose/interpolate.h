#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compose/load.h"
#include "compose/model/mapping.h"

namespace devc::compose {

/// The value of a variable, or nothing when it is not set.
using Lookup = std::function<std::optional<std::string>(std::string_view name)>;

/// Gets the name of a variable that nothing sets.
using Unset = std::function<void(std::string_view name)>;
/// The warning about it.
std::string unsetText(std::string_view name);

/// What goes wrong inside one text.
struct InterpolationError {
    std::string message;
};

/// Replaces $NAME, ${NAME}, ${NAME:-d}, ${NAME-d}, ${NAME:?e}, ${NAME?e}, ${NAME:+r}, ${NAME+r} (nested to any depth
/// up to 50) and $$. Variables that are not set are empty and told to `unset`. Throws InterpolationError.
std::string interpolate(std::string_view text, const Lookup& lookup,
                        const Unset& unset = {});

/// The variables that a text mentions, in order, without those of nested defaults being required.
void collectVariables(std::string_view text, std::vector<Variable>& into);

}  // namespace devc::compose
