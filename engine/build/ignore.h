#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace devc::engine::build {

/// Patterns of a .dockerignore file and of --exclude: as Go's filepath.Match, with `**` for any number of folders, `!` for
/// exceptions, the last pattern that matches decides. A folder that matches takes all below it along.
class PatternList {
public:
    PatternList() = default;
    /// Lines of a .dockerignore file: comments and empty lines are skipped.
    static PatternList parse(std::string_view file);
    /// Throws Error on a malformed pattern.
    explicit PatternList(const std::vector<std::string>& patterns);

    bool empty() const { return patterns_.empty(); }
    /// `path` is relative, with '/', without "./".
    bool matches(std::string_view path) const;
    /// Could something below the folder `path` not match although `path` does? (There is a `!` pattern that reaches there.)
    bool mayExceptBelow(std::string_view path) const;
    /// Text that tells this list from others.
    std::string identity() const;

private:
    struct Pattern {
        std::string text;
        bool negated = false;
    };
    std::vector<Pattern> patterns_;
    bool exceptions_ = false;
};

/// Throws Error on a malformed pattern.
void checkPattern(std::string_view pattern);
/// Go's filepath.Match with `**` as well. Time is bounded by the product of the lengths.
bool matchPath(std::string_view pattern, std::string_view path);
/// Does it have *, ? or [ that is not escaped?
bool hasWildcard(std::string_view pattern);
/// Go's filepath.Clean.
std::string cleanPath(std::string_view path);

}  // namespace devc::engine::build
