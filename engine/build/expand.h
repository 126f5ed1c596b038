#pragma once
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace devc::engine::build {

/// The value of a variable, or nullopt where it is not set.
using Lookup = std::function<std::optional<std::string>(std::string_view name)>;

struct ExpandOptions {
    char escape = '\\';
    bool rawQuotes = false;    ///< quotes stay in the result
    bool rawEscapes = false;   ///< escapes stay in the result
    bool keepUnset = false;    ///< `$x` stays as it is where x is not set
    bool plainQuotes = false;  ///< quotes are ordinary characters (here-documents)
};

/// Replaces variables as the Dockerfile reference's "Environment replacement" says: $x ${x} ${x:-w} ${x-w} ${x:+w} ${x+w}
/// ${x:?w} ${x?w} ${x#p} ${x##p} ${x%p} ${x%%p} ${x/p/r} ${x//p/r}; quotes and escapes are removed.
class Expander {
public:
    explicit Expander(ExpandOptions options = {}) : options_(options) {}
    /// One word; white space in it is kept. Throws Error on bad syntax and for `?`.
    std::string word(std::string_view text, const Lookup& lookup) const;
    /// Split at white space that is not quoted, that of variables included.
    std::vector<std::string> words(std::string_view text, const Lookup& lookup) const;

private:
    ExpandOptions options_;
};

}  // namespace devc::engine::build
