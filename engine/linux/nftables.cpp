#include "engine/linux/nftables.h"

#include <algorithm>
#include <cerrno>
#include <endian.h>
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "engine/error.h"
#include "engine/linux/nftables_rule.h"

namespace devc::engine::nft {

namespace {

constexpr std::size_t ruleCapacity = 2048;
constexpr std::uint8_t commentType = 0;  // NFTNL_UDATA_RULE_COMMENT: user data are type, length, bytes

int messageType(int message) { return NFNL_SUBSYS_NFTABLES << 8 | message; }

nfgenmsg familyHeader(std::uint8_t family) {
    nfgenmsg header{};
    header.nfgen_family = family;
    header.version = NFNETLINK_V0;
    return header;
}

NetlinkRequest request(int message, int flags, std::uint8_t family) {
    return NetlinkRequest(messageType(message), flags, familyHeader(family), ruleCapacity);
}

NetlinkRequest edge(int type) {
    nfgenmsg header = familyHeader(AF_UNSPEC);
    header.res_id = htons(NFNL_SUBSYS_NFTABLES);
    return NetlinkRequest(type, 0, header, 64);
}

NetlinkRequest tableRequest(int message, int flags, const std::string& name) {
    NetlinkRequest result = request(message, flags, NFPROTO_INET);
    result.text(NFTA_TABLE_NAME, name);
    return result;
}

NetlinkRequest chainRequest(const std::string& table, const Chain& chain) {
    NetlinkRequest result = request(NFT_MSG_NEWCHAIN, NLM_F_CREATE, NFPROTO_INET);
    result.text(NFTA_CHAIN_TABLE, table).text(NFTA_CHAIN_NAME, chain.name);
    result.nested(NFTA_CHAIN_HOOK, [&] {
        result.value<std::uint32_t>(NFTA_HOOK_HOOKNUM, htonl(static_cast<std::uint32_t>(chain.hook)));
        result.value<std::uint32_t>(NFTA_HOOK_PRIORITY, htonl(static_cast<std::uint32_t>(chain.priority)));
        if (!chain.device.empty()) result.text(NFTA_HOOK_DEV, chain.device);
    });
    result.value<std::uint32_t>(NFTA_CHAIN_POLICY, htonl(NF_ACCEPT)).text(NFTA_CHAIN_TYPE, chain.type);
    return result;
}

NetlinkRequest ruleRequest(std::uint8_t family, const std::string& table, const std::string& chain, const Rule& rule,
                           int flags) {
    NetlinkRequest result = request(NFT_MSG_NEWRULE, NLM_F_CREATE | flags, family);
    result.text(NFTA_RULE_TABLE, table).text(NFTA_RULE_CHAIN, chain);
    encodeExpressions(result, rule, family == NFPROTO_INET);
    return result;
}

/// Does something with the kernel's firewall; where there is none the kernel's numbers say other things.
template <typename Action>
auto withFirewall(Action&& action) {
    try {
        return action();
    } catch (const SystemError& error) {
        if (error.code() != EPROTONOSUPPORT && error.code() != EINVAL && error.code() != EOPNOTSUPP) throw;
        throw SystemError("use the firewall: the kernel has no nftables", error.code()).hint("modprobe nf_tables");
    }
}

void commit(NetlinkSocket& socket, std::vector<NetlinkRequest> changes, const std::string& action) {
    if (changes.empty()) return;
    std::vector<NetlinkRequest> batch;
    batch.reserve(changes.size() + 2);
    batch.push_back(edge(NFNL_MSG_BATCH_BEGIN));
    for (auto& change : changes) batch.push_back(std::move(change));
    batch.push_back(edge(NFNL_MSG_BATCH_END));
    NetlinkAnswer answer = socket.transact(batch);
    if (!answer.error) return;
    SystemError error(action, answer.error);
    if (!answer.message.empty()) error.detail("the kernel says: " + answer.message);
    if (answer.error == EOPNOTSUPP || answer.error == ENOENT || answer.error == EPROTONOSUPPORT)
        error.hint("the kernel needs nftables with nat, masquerade, fib and conntrack (CONFIG_NFT_*)");
    throw error;
}

}  // namespace

Nftables::Nftables(int namespaceFd) : socket_(withFirewall([&] { return NetlinkSocket(NETLINK_NETFILTER, namespaceFd); })) {}

void Nftables::replace(const std::vector<Table>& present, const std::vector<std::string>& absent) {
    std::vector<NetlinkRequest> changes;
    const std::vector<std::string> existing = tableNames();
    // Only what is there: the kernel waits for all processors before it forgets something.
    auto clear = [&](const std::string& name) {
        if (std::find(existing.begin(), existing.end(), name) == existing.end()) return;
        // Made, then deleted: so that deleting is no error where another has deleted it meanwhile.
        changes.push_back(tableRequest(NFT_MSG_NEWTABLE, NLM_F_CREATE, name));
        changes.push_back(tableRequest(NFT_MSG_DELTABLE, 0, name));
    };
    for (const auto& name : absent) clear(name);
    for (const Table& table : present) {
        clear(table.name);
        changes.push_back(tableRequest(NFT_MSG_NEWTABLE, NLM_F_CREATE, table.name));
        for (const Chain& chain : table.chains) {
            changes.push_back(chainRequest(table.name, chain));
            for (const Rule& rule : chain.rules)
                changes.push_back(ruleRequest(NFPROTO_INET, table.name, chain.name, rule, NLM_F_APPEND));
        }
    }
    commit(socket_, std::move(changes), "set the firewall rules of networks");
}

std::vector<std::string> Nftables::tableNames() {
    std::vector<std::string> names;
    NetlinkRequest list = request(NFT_MSG_GETTABLE, 0, NFPROTO_INET);
    const auto take = [&](const nlmsghdr* message) {
        auto* name = nlmsg_find_attr(const_cast<nlmsghdr*>(message), sizeof(nfgenmsg), NFTA_TABLE_NAME);
        if (name) names.emplace_back(nla_get_string(name));
    };
    withFirewall([&] { socket_.dump(list, take); });
    return names;
}

std::vector<ForeignChain> Nftables::foreignChains(const std::string& ownPrefix) {
    std::vector<ForeignChain> chains;
    NetlinkRequest list = request(NFT_MSG_GETCHAIN, 0, NFPROTO_UNSPEC);
    socket_.dump(list, [&](const nlmsghdr* message) {
        nlattr* attributes[NFTA_CHAIN_MAX + 1];
        auto* header = const_cast<nlmsghdr*>(message);
        if (nlmsg_parse(header, sizeof(nfgenmsg), attributes, NFTA_CHAIN_MAX, nullptr) < 0) return;
        if (!attributes[NFTA_CHAIN_TABLE] || !attributes[NFTA_CHAIN_NAME]) return;
        ForeignChain chain;
        chain.family = static_cast<const nfgenmsg*>(nlmsg_data(message))->nfgen_family;
        chain.table = nla_get_string(attributes[NFTA_CHAIN_TABLE]);
        chain.name = nla_get_string(attributes[NFTA_CHAIN_NAME]);
        if (chain.table.starts_with(ownPrefix)) return;
        if (attributes[NFTA_CHAIN_HOOK]) {
            nlattr* hook[NFTA_HOOK_MAX + 1];
            nla_parse_nested(hook, NFTA_HOOK_MAX, attributes[NFTA_CHAIN_HOOK], nullptr);
            chain.forwardHook = hook[NFTA_HOOK_HOOKNUM] && ntohl(nla_get_u32(hook[NFTA_HOOK_HOOKNUM])) == NF_INET_FORWARD;
        }
        chain.drops = attributes[NFTA_CHAIN_POLICY] && ntohl(nla_get_u32(attributes[NFTA_CHAIN_POLICY])) == NF_DROP;
        chains.push_back(std::move(chain));
    });
    return chains;
}

std::vector<std::uint64_t> Nftables::markedRules(const ForeignChain& chain, const std::string& mark) {
    std::vector<std::uint64_t> handles;
    NetlinkRequest list = request(NFT_MSG_GETRULE, 0, chain.family);
    list.text(NFTA_RULE_TABLE, chain.table).text(NFTA_RULE_CHAIN, chain.name);
    socket_.dump(list, [&](const nlmsghdr* message) {
        nlattr* attributes[NFTA_RULE_MAX + 1];
        auto* header = const_cast<nlmsghdr*>(message);
        if (nlmsg_parse(header, sizeof(nfgenmsg), attributes, NFTA_RULE_MAX, nullptr) < 0) return;
        if (!attributes[NFTA_RULE_USERDATA] || !attributes[NFTA_RULE_HANDLE]) return;
        std::string_view data(static_cast<const char*>(nla_data(attributes[NFTA_RULE_USERDATA])),
                              static_cast<std::size_t>(nla_len(attributes[NFTA_RULE_USERDATA])));
        if (data.find(mark) != std::string_view::npos) handles.push_back(be64toh(nla_get_u64(attributes[NFTA_RULE_HANDLE])));
    });
    return handles;
}

void Nftables::insertMarked(const ForeignChain& chain, const std::vector<Rule>& rules, const std::string& mark) {
    std::string comment{static_cast<char>(commentType), static_cast<char>(mark.size() + 1)};
    comment += mark;
    comment += '\0';
    std::vector<NetlinkRequest> changes;
    for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) {  // without NLM_F_APPEND: before all others
        changes.push_back(ruleRequest(chain.family, chain.table, chain.name, *rule, 0));
        changes.back().bytes(NFTA_RULE_USERDATA, comment.data(), comment.size());
    }
    commit(socket_, std::move(changes), fmt::format("add rules to {} {}", chain.table, chain.name));
}

void Nftables::removeRules(const ForeignChain& chain, const std::vector<std::uint64_t>& handles) {
    std::vector<NetlinkRequest> changes;
    for (std::uint64_t handle : handles) {
        NetlinkRequest change = request(NFT_MSG_DELRULE, 0, chain.family);
        change.text(NFTA_RULE_TABLE, chain.table).text(NFTA_RULE_CHAIN, chain.name);
        change.value<std::uint64_t>(NFTA_RULE_HANDLE, htobe64(handle));
        changes.push_back(std::move(change));
    }
    commit(socket_, std::move(changes), fmt::format("remove rules from {} {}", chain.table, chain.name));
}

}  // namespace devc::engine::nft
