#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <sys/types.h>

#include "engine/linux/fd.h"
#include "engine/linux/ip_address.h"
#include "engine/linux/netlink_socket.h"

namespace devc::engine {

/// A network interface of a namespace as the kernel reports it.
struct LinkInfo {
    int index = 0;
    std::string name;
    std::string mac;    ///< "02:42:ac:11:00:02"
    std::string kind;   ///< "bridge", "veth"; empty: hardware
    std::string alias;  ///< a description that somebody has given it
    unsigned mtu = 0;
    int master = 0;  ///< index of the bridge it belongs to, or 0
    bool up = false;
};

/// A veth pair: one end on a bridge of the host, the other inside a container with its addresses.
struct VethSpec {
    std::string hostName;                 ///< at most 15 characters
    std::string bridge;                   ///< name of the bridge that the host end joins
    std::string name;                     ///< inside: eth0
    std::string mac;                      ///< inside; empty: the kernel's choice
    std::vector<std::string> addresses;   ///< inside, IPv4 and IPv6, with prefix: "10.1.0.2/16"
    std::string gateway4, gateway6;       ///< default routes inside; empty: none
    unsigned mtu = 1500;
    bool isolated = false;                ///< the bridge lets nothing through to its other isolated ports
    /// Not empty: no pair, but a macvlan of this interface of the host; of the above only what is inside counts.
    std::string parent;
    std::string mode;                     ///< of a macvlan: "bridge", "private", "vepa" or "passthru"
};

/// True if macvlans have such a mode.
bool isMacvlanMode(const std::string& mode);

/// rtnetlink socket of one network namespace: links, addresses, routes. Every call throws SystemError naming the object;
/// several requests go to the kernel in one message where they can. Not safe to share between threads.
class Netlink {
public:
    /// In the namespace of the calling thread.
    Netlink();
    /// In the namespace behind `namespaceFd` (/proc/<pid>/ns/net); the calling thread stays where it is.
    static Netlink in(int namespaceFd);

    /// Makes a bridge and sets it up with the addresses ("172.18.0.1/16"). What exists already is left and completed,
    /// so that it can be called again after a reboot or an interrupted command. A bridge without a hardware address of its
    /// own would take one of its ports', another one whenever ports come and go, and its neighbours would talk to nobody.
    void ensureBridge(const std::string& name, const std::string& mac, const std::vector<std::string>& addresses, unsigned mtu,
                      const std::string& alias);
    /// Deletes a link, and with a bridge or veth all that hangs on it. False if there is none of that name.
    bool removeLink(const std::string& name);
    /// Takes a link out of service: without those addresses, down, and called `retired`. False if there is none, or one of
    /// that name already.
    bool retireLink(const std::string& name, const std::vector<std::string>& addresses, const std::string& retired);
    void setUp(const std::string& name);
    /// Whether the kernel has interfaces of a kind ("veth"): asks for one with more queues than there can be, which is refused.
    bool knows(const char* kind);
    /// Makes the pair with its inner end already in the other namespace and the outer one on the bridge, both set up.
    /// Fills in nothing inside: see configure().
    void createVeth(const VethSpec& spec, int namespaceFd);
    /// A macvlan of an interface of this namespace, in the other namespace. Likewise.
    void createMacvlan(const VethSpec& spec, int namespaceFd);
    /// For a socket inside the namespace: addresses, link up, default routes of an end made by createVeth().
    void configure(const VethSpec& spec);
    /// The default route of the gateway's family, instead of the one there is.
    void replaceDefaultRoute(const std::string& gateway);

    /// The IPv6 addresses for which the host answers on the interface when neighbours are looked for: these, and no others.
    void answerFor(const std::string& name, const std::vector<IpAddress>& addresses);

    std::optional<LinkInfo> link(const std::string& name);
    std::vector<LinkInfo> links();
    /// Destinations of all routes of the main table but default ones, and networks of all addresses: "192.168.1.0/24".
    std::vector<std::string> usedNetworks();
    /// Addresses of all interfaces without prefix, IPv4 and IPv6.
    std::vector<std::string> addresses();

private:
    explicit Netlink(NetlinkSocket socket);
    NetlinkSocket socket_;
};

/// An open /proc/<pid>/ns/net.
Fd networkNamespaceOf(pid_t pid);

/// Everything a container's new namespace needs: lo up, then each pair made, attached and configured.
/// When one fails those made before are removed again.
void buildInterfaces(int namespaceFd, std::span<const VethSpec> interfaces);
/// One more pair for a container that runs.
void addInterface(int namespaceFd, const VethSpec& interface);

}  // namespace devc::engine
