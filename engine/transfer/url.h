#pragma once
#include <string>
#include <string_view>

namespace devc::engine::transfer {

/// "http://host:port" of a URL. Throws Error if it has none.
std::string originOf(std::string_view url);
/// Its host alone, without a port.
std::string hostOf(std::string_view url);
/// "host:port" as it stands in the URL.
std::string authorityOf(std::string_view url);
/// `location` seen from `base`: absolute, or a path on the same origin.
std::string resolveUrl(const std::string& base, const std::string& location);

}  // namespace devc::engine::transfer
