#pragma once
#include <string>
#include <string_view>

namespace devc::engine {

/// A value of /proc/sys: "net/ipv4/ip_forward"; of the calling thread's namespaces. Where it may not be written (a host that
/// forbids it) the value there is kept.
void setSysctl(const std::string& name, std::string_view value);

}  // namespace devc::engine
