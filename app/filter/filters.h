#pragma once
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace devc::app {

using Labels = std::map<std::string, std::string>;

/// What `--filter KEY=VALUE` asks for, given any number of times. Values of one key are alternatives, but for labels, of which
/// all have to be there; keys add up.
class Filters {
public:
    /// `known`: the keys that the command has. Throws Error for another one, for what has no "=", and for an `until` that is
    /// no time.
    Filters(const std::vector<std::string>& texts, const std::vector<std::string_view>& known);

    const std::vector<std::string>& values(std::string_view key) const;
    bool asksFor(std::string_view key) const { return !values(key).empty(); }
    /// True if nothing is asked for under this key, or `accepts` takes one of its values.
    template <typename Accepts>
    bool any(std::string_view key, Accepts&& accepts) const {
        const std::vector<std::string>& wanted = values(key);
        return wanted.empty() || std::any_of(wanted.begin(), wanted.end(), accepts);
    }
    /// `label`, and not all of `label!` if there are any.
    bool acceptLabels(const Labels& labels) const;
    /// `until`, the last one: `created` (RFC 3339) lies before it. What has no time of creation does not.
    bool acceptTime(const std::string& created) const;

private:
    std::map<std::string, std::vector<std::string>, std::less<>> values_;
    std::optional<std::int64_t> until_;
};

/// True if every wanted label ("key" or "key=value") is there.
bool matchesLabels(const Labels& labels, const std::vector<std::string>& wanted);
/// "true" and "1", as docker's filters have them.
bool isTrue(std::string_view text);

}  // namespace devc::app
