#include "engine/json.h"

#include <nlohmann/json.hpp>

#include "engine/error.h"

namespace devc::engine {

namespace {
constexpr int maximumDepth = 64;
}

nlohmann::json parseJson(std::string_view text, std::string_view what) {
    auto refuseDeep = [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
        if (depth > maximumDepth) throw Error::of("{} is nested deeper than {} levels", what, maximumDepth);
        return true;
    };
    try {
        return nlohmann::json::parse(text, refuseDeep);
    } catch (const nlohmann::json::exception&) {
        // The library's own sentence quotes the input, which may hold anything.
        throw Error::of("{} is not valid JSON", what);
    }
}

}  // namespace devc::engine
