#include "engine/build/arguments.h"

#include <algorithm>

#include "engine/build/instruction_words.h"

namespace devc::engine::build {

void Variables::set(const std::string& name, const std::string& value) {
    for (auto& [known, old] : values_)
        if (known == name) {
            old = value;
            return;
        }
    values_.emplace_back(name, value);
}

std::optional<std::string> Variables::find(std::string_view name) const {
    for (const auto& [known, value] : values_)
        if (known == name) return value;
    return std::nullopt;
}

bool isProxyArgument(std::string_view name) {
    const std::string lower = lowerCase(name);
    return lower == "http_proxy" || lower == "https_proxy" || lower == "ftp_proxy" || lower == "no_proxy" || lower == "all_proxy";
}

std::map<std::string, std::string> proxiesOf(const std::map<std::string, std::string>& arguments) {
    std::map<std::string, std::string> proxies;
    for (const auto& [name, value] : arguments) {
        if (!isProxyArgument(name)) continue;
        proxies[lowerCase(name)] = value;
        proxies[upperCase(name)] = value;
    }
    return proxies;
}

Variables platformArguments(const std::string& targetPlatform, const std::string& buildPlatform, const std::string& stage) {
    Variables result;
    for (const auto& [prefix, platform] : {std::pair{std::string("BUILD"), buildPlatform}, std::pair{std::string("TARGET"), targetPlatform}}) {
        const std::size_t first = platform.find('/');
        const std::size_t second = first == std::string::npos ? first : platform.find('/', first + 1);
        result.set(prefix + "PLATFORM", platform);
        result.set(prefix + "OS", platform.substr(0, first));
        result.set(prefix + "ARCH", first == std::string::npos ? "" : platform.substr(first + 1, second == std::string::npos ? second : second - first - 1));
        result.set(prefix + "VARIANT", second == std::string::npos ? "" : platform.substr(second + 1));
        result.set(prefix + "OSVERSION", "");
    }
    result.set("TARGETSTAGE", stage.empty() ? "default" : stage);
    return result;
}

}  // namespace devc::engine::build
