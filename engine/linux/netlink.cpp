#include "engine/linux/netlink.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "engine/error.h"
#include "engine/linux/ip_address.h"
#include "engine/linux/sysctl.h"

namespace devc::engine {

namespace {

constexpr std::size_t maximumNameLength = IFNAMSIZ - 1;

struct Prefixed {
    IpAddress address;
    unsigned prefix;
};

Prefixed parsePrefixed(const std::string& text) {
    std::size_t slash = text.find('/');
    auto network = Cidr::parse(text);
    auto address = IpAddress::parse(std::string_view(text).substr(0, slash));
    if (!network || !address) throw Error::of("invalid address with prefix: {}", text);
    return {*address, network->prefix};
}

IpAddress parseAddress(const std::string& text) {
    auto address = IpAddress::parse(text);
    if (!address) throw Error::of("invalid IP address: {}", text);
    return *address;
}

std::array<std::uint8_t, 6> parseMac(const std::string& text) {
    std::array<unsigned, 6> parts{};
    int read = 0;
    int count = std::sscanf(text.c_str(), "%2x:%2x:%2x:%2x:%2x:%2x%n", &parts[0], &parts[1], &parts[2], &parts[3],
                            &parts[4], &parts[5], &read);
    if (count != 6 || static_cast<std::size_t>(read) != text.size()) throw Error::of("invalid MAC address: {}", text);
    std::array<std::uint8_t, 6> mac{};
    for (std::size_t at = 0; at < mac.size(); ++at) mac[at] = static_cast<std::uint8_t>(parts[at]);
    return mac;
}

const std::string& checkedName(const std::string& name) {
    if (name.empty() || name.size() > maximumNameLength || name.find_first_of("/ \t\n") != std::string::npos)
        throw Error::of("invalid name of a network interface: '{}'", name);
    return name;
}

ifinfomsg linkHeader(unsigned change = 0, unsigned flags = 0) {
    ifinfomsg header{};
    header.ifi_family = AF_UNSPEC;
    header.ifi_change = change;
    header.ifi_flags = flags;
    return header;
}

NetlinkRequest upRequest(const std::string& name) {
    NetlinkRequest request(RTM_NEWLINK, 0, linkHeader(IFF_UP, IFF_UP));
    request.text(IFLA_IFNAME, checkedName(name));
    return request;
}

/// No link-local address of its own, and so no router solicitations: what only forwards needs none.
void withoutLinkLocal(NetlinkRequest& request) {
    request.nested(IFLA_AF_SPEC, [&] {
        request.nested(AF_INET6, [&] { request.value<std::uint8_t>(IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE); });
    });
}

NetlinkRequest addressRequest(int kind, int flags, int index, const std::string& text) {
    Prefixed prefixed = parsePrefixed(text);
    ifaddrmsg header{};
    header.ifa_family = prefixed.address.isV6() ? AF_INET6 : AF_INET;
    header.ifa_prefixlen = static_cast<std::uint8_t>(prefixed.prefix);
    header.ifa_scope = RT_SCOPE_UNIVERSE;
    header.ifa_index = static_cast<unsigned>(index);
    NetlinkRequest request(kind, flags, header);
    request.bytes(IFA_LOCAL, prefixed.address.bytes(), prefixed.address.size());
    request.bytes(IFA_ADDRESS, prefixed.address.bytes(), prefixed.address.size());
    if (prefixed.address.isV6()) {
        // The engine leased it: waiting for duplicates would make it unusable for a second.
        request.value<std::uint32_t>(IFA_FLAGS, IFA_F_NODAD);
    } else if (prefixed.prefix < 31) {
        IpAddress broadcast = Cidr::of(prefixed.address, prefixed.prefix).last();
        request.bytes(IFA_BROADCAST, broadcast.bytes(), broadcast.size());
    }
    return request;
}

NetlinkRequest defaultRouteRequest(const std::string& gateway, int index, int flags) {
    IpAddress address = parseAddress(gateway);
    rtmsg header{};
    header.rtm_family = address.isV6() ? AF_INET6 : AF_INET;
    header.rtm_table = RT_TABLE_MAIN;
    header.rtm_protocol = RTPROT_BOOT;
    header.rtm_scope = RT_SCOPE_UNIVERSE;
    header.rtm_type = RTN_UNICAST;
    NetlinkRequest request(RTM_NEWROUTE, NLM_F_CREATE | flags, header);
    request.bytes(RTA_GATEWAY, address.bytes(), address.size());
    if (index) request.value<std::int32_t>(RTA_OIF, index);
    return request;
}

ndmsg proxyHeader(int index) {
    ndmsg header{};
    header.ndm_family = AF_INET6;
    header.ndm_ifindex = index;
    header.ndm_flags = NTF_PROXY;
    header.ndm_state = NUD_PERMANENT;  // else it goes when the bridge is seen to have no port that is up, as it has at first
    return header;
}

LinkInfo linkOf(const nlmsghdr* message) {
    auto* header = static_cast<const ifinfomsg*>(nlmsg_data(message));
    nlattr* attributes[IFLA_MAX + 1];
    LinkInfo info{.index = header->ifi_index, .name = {}, .mac = {}, .kind = {}, .alias = {}, .up = (header->ifi_flags & IFF_UP) != 0};
    if (nlmsg_parse(const_cast<nlmsghdr*>(message), sizeof *header, attributes, IFLA_MAX, nullptr) < 0) return info;
    if (attributes[IFLA_IFNAME]) info.name = nla_get_string(attributes[IFLA_IFNAME]);
    if (attributes[IFLA_IFALIAS]) info.alias = nla_get_string(attributes[IFLA_IFALIAS]);
    if (attributes[IFLA_LINKINFO]) {
        const nlattr* kind = nla_find(static_cast<const nlattr*>(nla_data(attributes[IFLA_LINKINFO])), nla_len(attributes[IFLA_LINKINFO]), IFLA_INFO_KIND);
        if (kind) info.kind = nla_get_string(kind);
    }
    if (attributes[IFLA_MTU]) info.mtu = nla_get_u32(attributes[IFLA_MTU]);
    if (attributes[IFLA_MASTER]) info.master = static_cast<int>(nla_get_u32(attributes[IFLA_MASTER]));
    if (attributes[IFLA_ADDRESS] && nla_len(attributes[IFLA_ADDRESS]) == 6) {
        const auto* mac = static_cast<const std::uint8_t*>(nla_data(attributes[IFLA_ADDRESS]));
        info.mac = fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
    }
    return info;
}

void check(const NetlinkAnswer& answer, const std::string& action, int tolerated = 0) {
    if (!answer.error || answer.error == tolerated) return;
    SystemError error(action, answer.error);
    if (!answer.message.empty()) error.detail("the kernel says: " + answer.message);
    throw error;
}

/// Of a request for a new interface: `kind` is also the name of the kernel's module.
void checkMade(const NetlinkAnswer& answer, const std::string& action, const char* kind, int tolerated = 0) {
    if (answer.error != EOPNOTSUPP) return check(answer, action, tolerated);
    throw SystemError(fmt::format("{}: the kernel has no interfaces of the kind {}", action, kind), EOPNOTSUPP).hint(fmt::format("modprobe {}", kind));
}

/// 0: there is no such mode.
std::uint32_t macvlanModeOf(const std::string& name) {
    if (name == "bridge") return MACVLAN_MODE_BRIDGE;
    if (name == "private") return MACVLAN_MODE_PRIVATE;
    if (name == "vepa") return MACVLAN_MODE_VEPA;
    if (name == "passthru") return MACVLAN_MODE_PASSTHRU;
    return 0;
}

/// A bridge does not send out by the port that a packet came in by: a container's published port would not be its own to reach.
NetlinkRequest portRequest(const std::string& port, bool isolated) {
    NetlinkRequest request(RTM_NEWLINK, 0, linkHeader());
    request.text(IFLA_IFNAME, checkedName(port));
    request.nested(IFLA_LINKINFO, [&] {
        request.bytes(IFLA_INFO_SLAVE_KIND, "bridge", 6);
        request.nested(IFLA_INFO_SLAVE_DATA, [&] {
            request.value<std::uint8_t>(IFLA_BRPORT_MODE, 1);
            if (isolated) request.value<std::uint8_t>(IFLA_BRPORT_ISOLATED, 1);
        });
    });
    return request;
}

}  // namespace

Netlink::Netlink() : socket_(NETLINK_ROUTE) {}
Netlink::Netlink(NetlinkSocket socket) : socket_(std::move(socket)) {}
Netlink Netlink::in(int namespaceFd) { return Netlink(NetlinkSocket(NETLINK_ROUTE, namespaceFd)); }

void Netlink::ensureBridge(const std::string& name, const std::string& mac, const std::vector<std::string>& addresses, unsigned mtu,
                           const std::string& alias) {
    if (!link(name)) {
        NetlinkRequest make(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, linkHeader());
        make.text(IFLA_IFNAME, checkedName(name)).value<std::uint32_t>(IFLA_MTU, mtu);
        const auto address = parseMac(mac);
        make.bytes(IFLA_ADDRESS, address.data(), address.size());
        make.nested(IFLA_LINKINFO, [&] { make.bytes(IFLA_INFO_KIND, "bridge", 6); });
        checkMade(socket_.exchange({&make, 1})[0], "create bridge " + name, "bridge", EEXIST);
    }
    auto made = link(name);
    if (!made) throw Error::of("create bridge {}: it vanished", name);
    std::vector<NetlinkRequest> requests;
    std::vector<std::string> actions;
    if (!made->up) {
        requests.push_back(upRequest(name));
        withoutLinkLocal(requests.back());
        requests.back().text(IFLA_IFALIAS, alias);  // the kernel does not take it when it makes an interface
        actions.push_back("set up bridge " + name);
    }
    for (const auto& address : addresses) {
        requests.push_back(addressRequest(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, made->index, address));
        actions.push_back(fmt::format("give {} the address {}", name, address));
    }
    auto answers = socket_.exchange(requests);
    for (std::size_t at = 0; at < answers.size(); ++at) check(answers[at], actions[at], EEXIST);
}

bool Netlink::removeLink(const std::string& name) {
    NetlinkRequest request(RTM_DELLINK, 0, linkHeader());
    request.text(IFLA_IFNAME, checkedName(name));
    NetlinkAnswer answer = socket_.exchange({&request, 1})[0];
    check(answer, "delete network interface " + name, ENODEV);
    return answer.error == 0;
}

bool Netlink::retireLink(const std::string& name, const std::vector<std::string>& addresses, const std::string& retired) {
    const auto found = link(name);
    if (!found) return false;
    std::vector<NetlinkRequest> requests;
    for (const std::string& address : addresses) requests.push_back(addressRequest(RTM_DELADDR, 0, found->index, address));
    ifinfomsg header = linkHeader(IFF_UP, 0);
    header.ifi_index = found->index;
    requests.emplace_back(RTM_NEWLINK, 0, header);
    requests.emplace_back(RTM_NEWLINK, 0, header);
    requests.back().text(IFLA_IFNAME, checkedName(retired));
    const auto answers = socket_.exchange(requests);
    for (std::size_t at = 0; at < addresses.size(); ++at) check(answers[at], fmt::format("take the address {} from {}", addresses[at], name), EADDRNOTAVAIL);
    check(answers[addresses.size()], "set down network interface " + name);
    check(answers.back(), fmt::format("rename network interface {} to {}", name, retired), EEXIST);
    return answers.back().error == 0;
}

void Netlink::setUp(const std::string& name) {
    NetlinkRequest request = upRequest(name);
    check(socket_.exchange({&request, 1})[0], "set up network interface " + name);
}

bool Netlink::knows(const char* kind) {
    constexpr std::uint32_t tooMany = 4097;
    NetlinkRequest make(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, linkHeader());
    make.text(IFLA_IFNAME, "devc-asks").value<std::uint32_t>(IFLA_NUM_TX_QUEUES, tooMany);
    make.nested(IFLA_LINKINFO, [&] { make.bytes(IFLA_INFO_KIND, kind, std::strlen(kind)); });
    return socket_.exchange({&make, 1})[0].error != EOPNOTSUPP;
}

void Netlink::createVeth(const VethSpec& spec, int namespaceFd) {
    auto bridge = link(spec.bridge);
    if (!bridge) throw Error::of("attach {}: there is no bridge {}", spec.hostName, spec.bridge);
    NetlinkRequest make(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, linkHeader());
    make.text(IFLA_IFNAME, checkedName(spec.hostName));
    make.value<std::uint32_t>(IFLA_MTU, spec.mtu).value<std::uint32_t>(IFLA_MASTER, static_cast<unsigned>(bridge->index));
    // As many as are used. The kernel's own number is one a processor, of which it takes all but one back at once, and waits for
    // all processors to have seen it, with the lock of all network set-up held.
    const auto oneQueue = [&] { make.value<std::uint32_t>(IFLA_NUM_TX_QUEUES, 1).value<std::uint32_t>(IFLA_NUM_RX_QUEUES, 1); };
    oneQueue();
    make.nested(IFLA_LINKINFO, [&] {
        make.bytes(IFLA_INFO_KIND, "veth", 4);
        make.nested(IFLA_INFO_DATA, [&] {
            make.nested(VETH_INFO_PEER, [&] {
                ifinfomsg peer = linkHeader();
                make.append(&peer, sizeof peer);
                make.text(IFLA_IFNAME, checkedName(spec.name)).value<std::uint32_t>(IFLA_MTU, spec.mtu);
                make.value<std::int32_t>(IFLA_NET_NS_FD, namespaceFd);
                oneQueue();
                if (!spec.mac.empty()) {
                    auto mac = parseMac(spec.mac);
                    make.bytes(IFLA_ADDRESS, mac.data(), mac.size());
                }
            });
        });
    });
    // Set up by a request of its own: with IFF_UP at creation the kernel fails and rolls back slowly.
    std::vector<NetlinkRequest> requests;
    requests.push_back(std::move(make));
    requests.push_back(upRequest(spec.hostName));
    withoutLinkLocal(requests.back());
    requests.push_back(portRequest(spec.hostName, spec.isolated));
    auto answers = socket_.exchange(requests);
    checkMade(answers[0], fmt::format("create interface pair {} - {}", spec.hostName, spec.name), "veth");
    check(answers[1], "set up network interface " + spec.hostName);
    check(answers[2], "let what comes out of " + spec.hostName + " go back into it");
}

bool isMacvlanMode(const std::string& mode) { return macvlanModeOf(mode) != 0; }

void Netlink::createMacvlan(const VethSpec& spec, int namespaceFd) {
    auto parent = link(spec.parent);
    if (!parent) throw Error::of("attach {} to {}: there is no network interface {}", spec.name, spec.parent, spec.parent);
    NetlinkRequest make(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, linkHeader());
    make.text(IFLA_IFNAME, checkedName(spec.name));
    make.value<std::int32_t>(IFLA_LINK, parent->index).value<std::int32_t>(IFLA_NET_NS_FD, namespaceFd);
    make.value<std::uint32_t>(IFLA_MTU, std::min(spec.mtu, parent->mtu));
    if (!spec.mac.empty()) {
        auto mac = parseMac(spec.mac);
        make.bytes(IFLA_ADDRESS, mac.data(), mac.size());
    }
    make.nested(IFLA_LINKINFO, [&] {
        make.bytes(IFLA_INFO_KIND, "macvlan", 7);
        make.nested(IFLA_INFO_DATA, [&] { make.value<std::uint32_t>(IFLA_MACVLAN_MODE, macvlanModeOf(spec.mode)); });
    });
    checkMade(socket_.exchange({&make, 1})[0], fmt::format("make {} a macvlan of {}", spec.name, spec.parent), "macvlan");
}

void Netlink::configure(const VethSpec& spec) {
    auto inner = link(spec.name);
    if (!inner) throw Error::of("there is no interface {} in the container", spec.name);
    bool withV6 = false;
    for (const auto& address : spec.addresses) withV6 = withV6 || address.find(':') != std::string::npos;
    std::vector<NetlinkRequest> requests;
    std::vector<std::string> actions;
    requests.push_back(upRequest(spec.name));
    if (!withV6) withoutLinkLocal(requests.back());
    actions.push_back("set up " + spec.name);
    for (const auto& address : spec.addresses) {
        requests.push_back(addressRequest(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, inner->index, address));
        actions.push_back(fmt::format("give {} the address {}", spec.name, address));
    }
    for (const auto& gateway : {spec.gateway4, spec.gateway6}) {
        if (gateway.empty()) continue;
        requests.push_back(defaultRouteRequest(gateway, inner->index, NLM_F_REPLACE));
        actions.push_back(fmt::format("set the default route over {}", gateway));
    }
    auto answers = socket_.exchange(requests);
    for (std::size_t at = 0; at < answers.size(); ++at) check(answers[at], actions[at]);
}

void Netlink::replaceDefaultRoute(const std::string& gateway) {
    NetlinkRequest request = defaultRouteRequest(gateway, 0, NLM_F_REPLACE);
    check(socket_.exchange({&request, 1})[0], fmt::format("set the default route over {}", gateway));
}

void Netlink::answerFor(const std::string& name, const std::vector<IpAddress>& addresses) {
    auto found = link(name);
    if (!found) throw Error::of("there is no interface {} to answer on", name);
    std::vector<IpAddress> now;
    NetlinkRequest list(RTM_GETNEIGH, 0, proxyHeader(0));
    socket_.dump(list, [&](const nlmsghdr* message) {
        const auto* header = static_cast<const ndmsg*>(nlmsg_data(message));
        auto* address = nlmsg_find_attr(const_cast<nlmsghdr*>(message), sizeof *header, NDA_DST);
        const bool isOurs = header->ndm_ifindex == found->index && header->ndm_family == AF_INET6 && (header->ndm_flags & NTF_PROXY);
        if (isOurs && address && nla_len(address) == 16) now.push_back(IpAddress::fromBytes(nla_data(address), true));
    });
    const auto has = [](const std::vector<IpAddress>& list, const IpAddress& address) { return std::find(list.begin(), list.end(), address) != list.end(); };
    std::vector<NetlinkRequest> requests;
    const auto request = [&](int type, int flags, const IpAddress& address) {
        requests.emplace_back(type, flags, proxyHeader(found->index));
        requests.back().bytes(NDA_DST, address.bytes(), address.size());
    };
    for (const IpAddress& address : addresses) {
        if (!has(now, address)) request(RTM_NEWNEIGH, NLM_F_CREATE, address);
    }
    for (const IpAddress& address : now) {
        if (!has(addresses, address)) request(RTM_DELNEIGH, 0, address);
    }
    for (const NetlinkAnswer& answer : socket_.exchange(requests)) check(answer, "answer for neighbours on " + name, ENOENT);
}

std::optional<LinkInfo> Netlink::link(const std::string& name) {
    std::optional<LinkInfo> found;
    NetlinkRequest request(RTM_GETLINK, 0, linkHeader());
    request.text(IFLA_IFNAME, checkedName(name));
    int error = socket_.query(request, [&](const nlmsghdr* message) { found = linkOf(message); });
    if (error && error != ENODEV) throw SystemError("look up network interface " + name, error);
    return found;
}

std::vector<LinkInfo> Netlink::links() {
    std::vector<LinkInfo> result;
    NetlinkRequest request(RTM_GETLINK, 0, linkHeader());
    socket_.dump(request, [&](const nlmsghdr* message) {
        if (message->nlmsg_type == RTM_NEWLINK) result.push_back(linkOf(message));
    });
    return result;
}

std::vector<std::string> Netlink::usedNetworks() {
    std::vector<std::string> result;
    rtmsg header{};
    NetlinkRequest request(RTM_GETROUTE, 0, header);
    socket_.dump(request, [&](const nlmsghdr* message) {
        const auto* route = static_cast<const rtmsg*>(nlmsg_data(message));
        bool relevant = route->rtm_type == RTN_UNICAST && route->rtm_dst_len > 0 && route->rtm_table != RT_TABLE_LOCAL;
        auto* destination = nlmsg_find_attr(const_cast<nlmsghdr*>(message), sizeof *route, RTA_DST);
        if (!relevant || !destination || (route->rtm_family != AF_INET && route->rtm_family != AF_INET6)) return;
        auto address = IpAddress::fromBytes(nla_data(destination), route->rtm_family == AF_INET6);
        result.push_back(Cidr::of(address, route->rtm_dst_len).text());
    });
    ifaddrmsg addressHeader{};
    NetlinkRequest addresses(RTM_GETADDR, 0, addressHeader);
    socket_.dump(addresses, [&](const nlmsghdr* message) {
        const auto* header = static_cast<const ifaddrmsg*>(nlmsg_data(message));
        auto* address = nlmsg_find_attr(const_cast<nlmsghdr*>(message), sizeof *header, IFA_ADDRESS);
        if (!address) return;
        auto ip = IpAddress::fromBytes(nla_data(address), header->ifa_family == AF_INET6);
        result.push_back(Cidr::of(ip, header->ifa_prefixlen).text());
    });
    return result;
}

std::vector<std::string> Netlink::addresses() {
    std::vector<std::string> result;
    ifaddrmsg header{};
    NetlinkRequest request(RTM_GETADDR, 0, header);
    socket_.dump(request, [&](const nlmsghdr* message) {
        const auto* found = static_cast<const ifaddrmsg*>(nlmsg_data(message));
        auto* local = nlmsg_find_attr(const_cast<nlmsghdr*>(message), sizeof *found, IFA_LOCAL);
        if (!local) local = nlmsg_find_attr(const_cast<nlmsghdr*>(message), sizeof *found, IFA_ADDRESS);
        if (local) result.push_back(IpAddress::fromBytes(nla_data(local), found->ifa_family == AF_INET6).text());
    });
    return result;
}

Fd networkNamespaceOf(pid_t pid) { return openFile(fmt::format("/proc/{}/ns/net", pid), O_RDONLY); }

namespace {

/// `inside` is a socket of the namespace. The pair is removed again when it cannot be configured.
void addInterface(Netlink& host, Netlink& inside, int namespaceFd, const VethSpec& interface) {
    const bool isMacvlan = !interface.parent.empty();
    if (isMacvlan) host.createMacvlan(interface, namespaceFd);
    else host.createVeth(interface, namespaceFd);
    try {
        inside.configure(interface);
        // Who is let through to a neighbour goes over the host, which tells it to go straight, by the neighbour's hardware address:
        // for IPv6 it cannot be kept from that. The bridge would stop what it was told to do.
        if (interface.isolated) withinNetworkNamespace(namespaceFd, [&] { setSysctl("net/ipv6/conf/" + interface.name + "/accept_redirects", "0"); });
    } catch (...) {
        if (isMacvlan) inside.removeLink(interface.name);
        else host.removeLink(interface.hostName);
        throw;
    }
}

}  // namespace

void addInterface(int namespaceFd, const VethSpec& interface) {
    Netlink host;
    Netlink inside = Netlink::in(namespaceFd);
    addInterface(host, inside, namespaceFd, interface);
}

void buildInterfaces(int namespaceFd, std::span<const VethSpec> interfaces) {
    Netlink inside = Netlink::in(namespaceFd);
    inside.setUp("lo");
    if (interfaces.empty()) return;
    Netlink host;
    std::size_t done = 0;
    try {
        for (; done < interfaces.size(); ++done) addInterface(host, inside, namespaceFd, interfaces[done]);
    } catch (...) {
        while (done > 0) host.removeLink(interfaces[--done].hostName);
        throw;
    }
}

}  // namespace devc::engine
