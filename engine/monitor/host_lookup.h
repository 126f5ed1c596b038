#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "engine/linux/ip_address.h"

namespace devc::engine {

/// The first address of `name` in the text of a hosts file. Pure.
std::optional<IpAddress> findInHosts(std::string_view hosts, std::string_view name);

/// An address of the host `name` (or the address that it is): /etc/hosts, then the name servers of /etc/resolv.conf, IPv4
/// first. A static program has no getaddrinfo(3) that works everywhere. Waits for a name server for two seconds.
std::optional<IpAddress> lookUpHost(const std::string& name);

}  // namespace devc::engine
