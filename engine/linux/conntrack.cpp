#include "engine/linux/conntrack.h"

#include <vector>

#include <netinet/in.h>

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "engine/error.h"
#include "engine/linux/netlink_socket.h"

namespace devc::engine {

namespace {

constexpr int netfilterProtocol = 12;  // NETLINK_NETFILTER

struct Nested {
    std::vector<nlattr*> attributes;
    Nested(nlattr* parent, int maximum) : attributes(static_cast<std::size_t>(maximum) + 1) {
        if (parent) nla_parse_nested(attributes.data(), maximum, parent, nullptr);
    }
    nlattr* operator[](int type) const { return attributes[static_cast<std::size_t>(type)]; }
};

NetlinkRequest request(int message, std::uint8_t family) {
    nfgenmsg header{};
    header.nfgen_family = family;
    header.version = NFNETLINK_V0;
    return NetlinkRequest(NFNL_SUBSYS_CTNETLINK << 8 | message, 0, header, 512);
}

/// The original direction's tuple, if it is UDP to one of the ports.
bool isFlowTo(nlattr* original, const std::set<std::uint16_t>& ports) {
    const Nested tuple(original, CTA_TUPLE_MAX);
    const Nested protocol(tuple[CTA_TUPLE_PROTO], CTA_PROTO_MAX);
    if (!protocol[CTA_PROTO_NUM] || nla_get_u8(protocol[CTA_PROTO_NUM]) != IPPROTO_UDP || !protocol[CTA_PROTO_DST_PORT]) return false;
    return ports.contains(ntohs(nla_get_u16(protocol[CTA_PROTO_DST_PORT])));
}

/// One to delete each of the family's flows to the ports.
void collect(NetlinkSocket& socket, std::uint8_t family, const std::set<std::uint16_t>& ports, std::vector<NetlinkRequest>& deletions) {
    NetlinkRequest list = request(IPCTNL_MSG_CT_GET, family);
    socket.dump(list, [&](const nlmsghdr* message) {
        nlattr* attributes[CTA_MAX + 1];
        if (nlmsg_parse(const_cast<nlmsghdr*>(message), sizeof(nfgenmsg), attributes, CTA_MAX, nullptr) < 0) return;
        nlattr* original = attributes[CTA_TUPLE_ORIG];
        if (!original || !isFlowTo(original, ports)) return;
        NetlinkRequest deletion = request(IPCTNL_MSG_CT_DELETE, family);
        // CTA_TUPLE_ORIG is nested: the flag was in the answer and has to be in the request.
        deletion.bytes(CTA_TUPLE_ORIG | NLA_F_NESTED, nla_data(original), static_cast<std::size_t>(nla_len(original)));
        if (attributes[CTA_ID]) deletion.bytes(CTA_ID, nla_data(attributes[CTA_ID]), static_cast<std::size_t>(nla_len(attributes[CTA_ID])));
        deletions.push_back(std::move(deletion));
    });
}

}  // namespace

void forgetUdpFlows(const std::set<std::uint16_t>& ports) {
    if (ports.empty()) return;
    try {
        NetlinkSocket socket(netfilterProtocol);
        std::vector<NetlinkRequest> deletions;
        for (int family : {AF_INET, AF_INET6}) collect(socket, static_cast<std::uint8_t>(family), ports, deletions);
        // What is gone meanwhile need not be deleted: the answers do not matter.
        socket.exchange(deletions);
    } catch (const SystemError&) {
        // A kernel without conntrack's netlink.
    }
}

}  // namespace devc::engine
