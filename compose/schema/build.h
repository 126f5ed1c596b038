#pragma once
#include "compose/schema/shapes.h"

namespace devc::compose::schema {

inline constexpr Shape ssh = [] {
    Shape shape = as(pairs, Value::Ssh);
    shape.form = Form::Ssh;
    return shape;
}();

inline constexpr Shape contexts = [] {
    Shape shape = pairs;
    shape.form = Form::Contexts;
    return shape;
}();

/// services.build, in the order of printing.
inline constexpr Attribute buildRows[] = {
    {"context", text, "build#context", Merge::Deep, Unique::No, Path::Context},
    {"dockerfile", text, "build#dockerfile"},
    {"dockerfile_inline", text, "build#dockerfile_inline"},
    {"entitlements", texts, "build#entitlements"},
    {"args", optionalPairs, "build#args", Merge::Pairs, Unique::Key},
    {"provenance", textOrBool, "build#provenance"},
    {"sbom", textOrBool, "build#sbom"},
    {"ssh", ssh, "build#ssh", Merge::Deep, Unique::Strict, Path::Values},
    {"labels", pairs, "build#labels", Merge::Pairs, Unique::Key},
    {"cache_from", texts, "build#cache_from"},
    {"cache_to", texts, "build#cache_to"},
    {"no_cache", flag, "build#no_cache"},
    {"no_cache_filter", textOrTexts, "build#no_cache"},
    {"additional_contexts", contexts, "build#additional_contexts", Merge::Pairs, Unique::Key, Path::ContextValues},
    {"pull", flag, "build#pull"},
    {"extra_hosts", hosts, "build#extra_hosts", Merge::Hosts, Unique::Strict},
    {"isolation", text, "build#isolation"},
    {"network", text, "build#network"},
    {"target", text, "build#target"},
    {"secrets", listOf(fileMount), "build#secrets"},
    {"shm_size", bytes, "build#shm_size"},
    {"tags", texts, "build#tags", Merge::Deep, Unique::Key},
    {"ulimits", ulimits, "build#ulimits"},
    {"platforms", texts, "build#platforms"},
    {"privileged", flag, "build#privileged"},
};

}  // namespace devc::compose::schema
