#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace devc::engine::build {

/// Variables in the order in which they were set.
class Variables {
public:
    void set(const std::string& name, const std::string& value);
    std::optional<std::string> find(std::string_view name) const;
    const std::vector<std::pair<std::string, std::string>>& all() const { return values_; }

private:
    std::vector<std::pair<std::string, std::string>> values_;
};

/// True for HTTP_PROXY and its like, which need no ARG and leave no trace in the image.
bool isProxyArgument(std::string_view name);
/// The proxies among the build arguments, in both spellings.
std::map<std::string, std::string> proxiesOf(const std::map<std::string, std::string>& arguments);
/// TARGETPLATFORM, BUILDARCH and the other arguments that are known without being given.
Variables platformArguments(const std::string& targetPlatform, const std::string& buildPlatform, const std::string& stage);

}  // namespace devc::engine::build
