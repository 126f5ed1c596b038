#include "engine/container/etc_files.h"

#include <algorithm>
#include <arpa/inet.h>
#include <unistd.h>

#include <fmt/format.h>

#include "engine/error.h"
#include "engine/linux/fd.h"

namespace devc::engine {

namespace {

constexpr const char* hostFile = "/etc/resolv.conf";
constexpr const char* systemdFile = "/run/systemd/resolve/resolv.conf";

std::vector<std::string> wordsOf(std::string_view line) {
    std::vector<std::string> words;
    for (size_t begin = 0; (begin = line.find_first_not_of(" \t\r", begin)) != std::string_view::npos;) {
        size_t end = std::min(line.find_first_of(" \t\r", begin), line.size());
        words.emplace_back(line.substr(begin, end - begin));
        begin = end;
    }
    return words;
}

ResolverConfig parseFile(const char* path) {
    return ::access(path, R_OK) == 0 ? parseResolvConf(readFile(path)) : ResolverConfig{};
}

bool isLoopback(const std::string& address) { return address.starts_with("127.") || address == "::1"; }

}  // namespace

ResolverConfig parseResolvConf(std::string_view text) {
    ResolverConfig config;
    for (size_t begin = 0; begin < text.size();) {
        size_t end = std::min(text.find('\n', begin), text.size());
        std::string_view line = text.substr(begin, end - begin);
        begin = end + 1;
        std::vector<std::string> words = wordsOf(line.substr(0, line.find_first_of("#;")));
        if (words.size() < 2) continue;
        std::vector<std::string> values(words.begin() + 1, words.end());
        if (words[0] == "nameserver") config.nameservers.push_back(values[0]);
        else if (words[0] == "search" || words[0] == "domain") config.search = values;
        else if (words[0] == "options") config.options.insert(config.options.end(), values.begin(), values.end());
    }
    return config;
}

ResolverConfig hostResolvers() {
    ResolverConfig config = parseFile(hostFile);
    if (config.nameservers == std::vector<std::string>{"127.0.0.53"}) {
        ResolverConfig behind = parseFile(systemdFile);
        if (!behind.nameservers.empty()) config.nameservers = behind.nameservers;
    }
    return config;
}

std::string renderResolvConf(const ResolvRequest& request, const ResolverConfig& host) {
    std::vector<std::string> servers{"127.0.0.11"};
    if (!request.engineAnswers) {
        servers = !request.dns.empty() ? request.dns : host.nameservers;
        // A resolver on the host's loopback is another one inside the container.
        if (request.dns.empty()) std::erase_if(servers, isLoopback);
        if (servers.empty()) servers = {"8.8.8.8", "8.8.4.4"};
    }
    std::vector<std::string> search = !request.search.empty() ? request.search : host.search;
    if (search == std::vector<std::string>{"."}) search.clear();
    std::vector<std::string> options = !request.options.empty() ? request.options : host.options;
    auto isNdots = [](const std::string& option) { return option.starts_with("ndots:"); };
    if (request.engineAnswers && std::none_of(options.begin(), options.end(), isNdots)) options.push_back("ndots:0");

    std::string text;
    for (const std::string& server : servers) text += "nameserver " + server + "\n";
    if (!search.empty()) text += fmt::format("search {}\n", fmt::join(search, " "));
    if (!options.empty()) text += fmt::format("options {}\n", fmt::join(options, " "));
    return text;
}

std::string renderHosts(const HostsRequest& request) {
    std::string text =
        "127.0.0.1\tlocalhost\n"
        "::1\tlocalhost ip6-localhost ip6-loopback\n"
        "fe00::0\tip6-localnet\n"
        "ff00::0\tip6-mcastprefix\n"
        "ff02::1\tip6-allnodes\n"
        "ff02::2\tip6-allrouters\n";
    for (const auto& [address, names] : request.extra) text += fmt::format("{}\t{}\n", address, names);
    for (const std::string& address : request.ownAddresses) {
        std::string name = request.hostname;
        if (!request.domainname.empty()) name = fmt::format("{0}.{1} {0}", request.hostname, request.domainname);
        text += fmt::format("{}\t{}\n", address, name);
    }
    return text;
}

std::pair<std::string, std::string> parseExtraHost(const std::string& text, const std::string& gateway) {
    size_t split = text.find('=');
    if (split == std::string::npos) split = text.find(':');
    if (split == std::string::npos || split == 0) {
        throw Error::of("invalid extra host \"{}\"", text).hint("write it as \"name:address\"");
    }
    std::string name = text.substr(0, split), address = text.substr(split + 1);
    if (address.size() > 2 && address.front() == '[' && address.back() == ']') address = address.substr(1, address.size() - 2);
    if (address == "host-gateway") {
        if (gateway.empty()) throw Error::of("extra host \"{}\": the container has no network with a gateway", text);
        return {gateway, name};
    }
    unsigned char binary[sizeof(in6_addr)];
    if (::inet_pton(AF_INET, address.c_str(), binary) != 1 && ::inet_pton(AF_INET6, address.c_str(), binary) != 1) {
        throw Error::of("invalid extra host \"{}\": \"{}\" is not an IP address", text, address);
    }
    return {address, name};
}

}  // namespace devc::engine
