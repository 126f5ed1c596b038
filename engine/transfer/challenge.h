#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace devc::engine::transfer {

/// How a server wants to be asked: one challenge of a WWW-Authenticate header (RFC 9110, section 11.6.1).
struct Challenge {
    std::string scheme;                             ///< lower case: "bearer", "basic"
    std::map<std::string, std::string> parameters;  ///< names in lower case
    std::string parameter(const std::string& name) const;
};

/// All challenges of a header, in their order. What is no challenge is passed over.
std::vector<Challenge> parseChallenges(std::string_view header);

}  // namespace devc::engine::transfer
