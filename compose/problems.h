#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "compose/diagnostics.h"
#include "compose/source/node.h"

namespace devc::compose {

/// Collects what is wrong, so that one run reports all independent errors.
class Problems {
public:
    void add(Position at, std::string message, std::string hint = {});
    bool empty() const { return found_.empty(); }
    /// So many that no more are reported: looking for their causes is for nothing.
    bool full() const { return full_; }
    /// Throws LoadError if anything was added; a bounded number of problems is reported.
    void throwIfAny();

private:
    std::vector<Diagnostic> found_;
    std::size_t bytes_ = 0;
    bool full_ = false;
};

/// The diagnostic for one place.
Diagnostic diagnose(Position at, std::string message, std::string hint = {});

/// Among more names none is looked for.
constexpr std::size_t mostNames = 1'000;

/// "did you mean `image`?", or empty when no name is near.
std::string didYouMean(std::string_view wrong, const std::vector<std::string_view>& names);

}  // namespace devc::compose
