#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace devc::engine::build {

/// "80", "443/tcp", "8000-8002/udp" of EXPOSE as the image configuration names ports: "8000/udp", ... Throws Error.
std::vector<std::string> exposedPorts(std::string_view text);

}  // namespace devc::engine::build
