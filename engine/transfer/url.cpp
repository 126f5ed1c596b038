#include "engine/transfer/url.h"

#include <algorithm>

#include "engine/error.h"
#include "engine/transfer/root_folder.h"

namespace devc::engine::transfer {

std::string originOf(std::string_view url) {
    std::size_t scheme = url.find("://");
    std::string_view name = url.substr(0, std::min(scheme, url.size()));
    if (name != "http" && name != "https") throw Error::of("'{}' is no address of a web server", printable(url));
    std::size_t end = url.find_first_of("/?#", scheme + 3);
    std::string_view authority = url.substr(scheme + 3, end == std::string_view::npos ? end : end - scheme - 3);
    if (authority.empty() || authority.find('@') != std::string_view::npos) throw Error::of("'{}' is no address of a web server", printable(url));
    return std::string(name) + "://" + std::string(authority);
}

std::string authorityOf(std::string_view url) {
    const std::string origin = originOf(url);
    return origin.substr(origin.find("://") + 3);
}

std::string hostOf(std::string_view url) {
    std::string host = authorityOf(url);
    std::size_t port = host.rfind(':');
    if (port != std::string::npos && host.find(']', port) == std::string::npos) host.resize(port);
    return host;
}

std::string resolveUrl(const std::string& base, const std::string& location) {
    if (location.empty()) throw Error::of("{} redirects to nowhere", originOf(base));
    if (location.find("://") != std::string::npos && location.find("://") < location.find_first_of("/?#")) {
        originOf(location);
        return location;
    }
    if (location.starts_with("//")) return base.substr(0, base.find("://") + 1) + location;
    if (location.front() == '/') return originOf(base) + location;
    if (location.find(':') < location.find('/')) throw Error::of("'{}' is no address of a web server", printable(location));
    return base.substr(0, base.rfind('/') + 1) + location;
}

}  // namespace devc::engine::transfer
