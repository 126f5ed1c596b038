#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/linux/fd.h"
#include "engine/linux/ip_address.h"
#include "engine/linux/netlink_socket.h"

namespace devc::engine::nft {

enum class Protocol : std::uint8_t { Tcp = 6, Udp = 17, Sctp = 132 };

/// "udp", "sctp"; all else is TCP.
Protocol protocolOf(std::string_view name);
std::string_view nameOf(Protocol protocol);

/// One condition of a rule.
struct Match {
    enum class Kind {
        InputName,         ///< name of the interface it came in by
        OutputName,        ///< name of the interface it leaves by
        Source,            ///< address within the network
        Destination,       ///< address within the network
        LocalDestination,  ///< an address of this host
        SourcePort,        ///< of the protocol
        DestinationPort,   ///< of the protocol
        Translated,        ///< the connection's destination was translated
        Established        ///< the connection is known or related to a known one
    };
    Kind kind;
    bool negated = false;
    std::string name;  ///< InputName, OutputName
    bool isPrefix = false;  ///< the name is the beginning only
    std::optional<Cidr> network;
    Protocol protocol = Protocol::Tcp;
    std::uint16_t port = 0, lastPort = 0;  ///< lastPort 0: one port
    bool operator==(const Match&) const = default;
};

Match inputName(std::string name);
Match outputName(std::string name);
Match source(const Cidr& network);
Match destination(const Cidr& network);
Match localDestination();
Match sourcePort(Protocol protocol, std::uint16_t port);
Match destinationPort(Protocol protocol, std::uint16_t port);
Match destinationPorts(Protocol protocol, std::uint16_t first, std::uint16_t last);
Match translated();
Match established();
Match operator!(Match match);

struct Verdict {
    enum class Kind {
        Accept,
        Drop,
        Masquerade,
        TranslateDestination,  ///< of the connection (conntrack); its answers are translated back
        RewriteSourcePort,     ///< in this packet alone: no connection is tracked for it
        RewriteDestinationPort
    };
    Kind kind = Kind::Accept;
    IpAddress address;                  ///< TranslateDestination
    std::uint16_t port = 0;             ///< TranslateDestination, Rewrite...
    Protocol protocol = Protocol::Tcp;  ///< Rewrite...: Tcp or Udp
    bool operator==(const Verdict&) const = default;
};

struct Rule {
    /// Rules that look at addresses hold for one family; true: IPv6, false: IPv4.
    std::optional<bool> v6;
    std::vector<Match> matches;
    Verdict verdict;
    bool operator==(const Rule&) const = default;
};

/// As nft would print it, for tests and messages: `iifname "dv-1" ip daddr 127.0.0.0/8 drop`.
std::string describe(const Rule& rule);

enum class Hook : std::uint32_t { Prerouting = 0, Input = 1, Forward = 2, Output = 3, Postrouting = 4, Ingress = 5 };

struct Chain {
    std::string name;
    std::string type;  ///< "filter" or "nat"
    Hook hook = Hook::Forward;
    int priority = 0;
    std::vector<Rule> rules;
    std::string device = {};  ///< Ingress: the interface that packets come in by
    bool operator==(const Chain&) const = default;
};

/// A table of family inet.
struct Table {
    std::string name;
    std::vector<Chain> chains;
    bool operator==(const Table&) const = default;
};

/// A chain that another program made.
struct ForeignChain {
    std::uint8_t family = 0;  ///< NFPROTO_*
    std::string table, name;
    bool forwardHook = false;
    bool drops = false;  ///< its policy
};

/// nftables of one network namespace. Rules go to the kernel as structures, never as text.
class Nftables {
public:
    Nftables() : Nftables(-1) {}
    /// Throws SystemError also where the kernel has no nftables.
    explicit Nftables(int namespaceFd);

    /// One transaction: each of `present` is there afterwards as given, none of `absent` is. All or nothing.
    void replace(const std::vector<Table>& present, const std::vector<std::string>& absent = {});
    std::vector<std::string> tableNames();  ///< of family inet

    /// All chains of all families but of tables whose name starts with `ownPrefix`.
    std::vector<ForeignChain> foreignChains(const std::string& ownPrefix);
    /// Handles of the rules in a foreign chain that carry our mark (a comment in the rule's user data).
    std::vector<std::uint64_t> markedRules(const ForeignChain& chain, const std::string& mark);
    /// Puts rules with the mark before all others of the chain; in one transaction.
    void insertMarked(const ForeignChain& chain, const std::vector<Rule>& rules, const std::string& mark);
    void removeRules(const ForeignChain& chain, const std::vector<std::uint64_t>& handles);

private:
    NetlinkSocket socket_;
};

}  // namespace devc::engine::nft
