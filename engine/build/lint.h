#pragma once
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "engine/build/dockerfile.h"

namespace devc::engine::build {

/// A rule that a Dockerfile breaks. Names and meanings are those of BuildKit's build checks.
struct Finding {
    std::string rule, text;
    int line = 0;
};

/// What the `check` directive says: "skip=RuleA,RuleB;error=true".
struct CheckOptions {
    std::set<std::string> skipped;
    bool skipAll = false, error = false;
    /// Throws Error for an option that is not known.
    static CheckOptions parse(const std::string& directive);
};

/// What only the surroundings of a Dockerfile know.
struct LintFacts {
    /// Names of the variables that an image sets, if it is known.
    std::function<std::set<std::string>(const std::string& image)> variablesOf;
    /// Does .dockerignore hide the file from COPY?
    std::function<bool(const std::string& path)> isIgnored;
};

/// All findings, by line. Looks at every stage, whether it is built or not.
std::vector<Finding> lint(const Dockerfile& file, const CheckOptions& options, const LintFacts& facts);

}  // namespace devc::engine::build
