#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace devc::engine::build {

/// The value of --chmod: octal ("755", "4755") or symbolic ("u=rwX,go=rX") as chmod(1) reads it.
class FileMode {
public:
    /// Throws Error if it is neither.
    static FileMode parse(std::string_view text);
    /// The new permission bits of a file that has `mode` (with its type bits).
    mode_t apply(mode_t mode) const;
    /// The bits if the text was octal: they hold for folders that a copy has to make too.
    std::optional<mode_t> absolute() const { return absolute_; }

private:
    struct Clause {
        unsigned who = 0;  ///< bits of u, g, o that the clause changes
        char operation = '=';
        std::string permissions;
    };
    std::optional<mode_t> absolute_;
    std::vector<Clause> clauses_;
};

}  // namespace devc::engine::build
