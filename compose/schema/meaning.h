#pragma once
#include <span>
#include <string_view>

namespace devc::compose::schema {

/// What devc does with an attribute when a project runs: a row of docs/reference/compose.md.
struct Meaning {
    std::string_view place;  ///< keys from the top, without names that users choose: "services.build.args"
    std::string_view since;  ///< version of devc that does it first; empty: the attribute is checked and printed, no more
    std::string_view text;   ///< Markdown
};

/// One row an attribute. A table that stands in several places (hooks, device requests) has rows for the first only.
std::span<const Meaning> meanings();

}  // namespace devc::compose::schema
