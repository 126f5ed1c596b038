#include "compose/interpolate.h"

#include "tests/fuzz/input.h"

using namespace devc::compose;

/// ${NAME:-default} and its relatives; one variable is set, one is empty, the others do not exist.
void fuzz(std::string_view text) {
    const Lookup lookup = [](std::string_view name) -> std::optional<std::string> {
        if (name == "A") return "value";
        if (name == "B") return "";
        return std::nullopt;
    };
    try {
        interpolate(text, lookup, [](std::string_view) {});
    } catch (const InterpolationError&) {
    }
    std::vector<Variable> variables;
    collectVariables(text, variables);
}
