#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace devc::engine {

/// /etc/resolv.conf, read as resolver(5) says: the last `search` and all `nameserver` and `options` count.
struct ResolverConfig {
    std::vector<std::string> nameservers, search, options;
};
ResolverConfig parseResolvConf(std::string_view text);
/// That of the host; where it only names systemd's local stub, the resolvers that the stub asks.
ResolverConfig hostResolvers();

struct ResolvRequest {
    bool engineAnswers = false;  ///< on a user's network: 127.0.0.11
    std::vector<std::string> dns, search, options;  ///< of the container; search {"."}: none
};
/// The container's resolv.conf as docker writes it.
std::string renderResolvConf(const ResolvRequest&, const ResolverConfig& host);

struct HostsRequest {
    std::vector<std::pair<std::string, std::string>> extra;  ///< address, names
    std::vector<std::string> ownAddresses;
    std::string hostname, domainname;
};
/// The container's hosts file as docker writes it: localhost, the extra ones, the own name.
std::string renderHosts(const HostsRequest&);

/// "name:address" or "name=address" (IPv6 with or without brackets) into {address, name}; "host-gateway" becomes `gateway`.
/// Throws Error if it is neither.
std::pair<std::string, std::string> parseExtraHost(const std::string& text, const std::string& gateway);

}  // namespace devc::engine
