#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/spec.h"
#include "engine/host.h"
#include "engine/leftover.h"
#include "engine/linux/fd.h"
#include "engine/state/database.h"

namespace devc::engine {

namespace nft {
class Nftables;
}

struct EndpointInfo;
struct FirewallLink;
struct EndpointPlan;

struct IpamPool {
    std::string subnet, range, gateway;  ///< CIDR, CIDR or empty, address or empty
    std::map<std::string, std::string> auxiliary;
};

struct NetworkSpec {
    std::string name;
    std::string driver = "bridge";  ///< bridge; "host" and "none" exist always
    std::map<std::string, std::string> driverOptions, labels;
    bool internal = false, attachable = false, enableIpv4 = true, enableIpv6 = false;
    std::vector<IpamPool> pools;  ///< empty: a free subnet is chosen
    std::string group;  ///< owner whose firewall table it is in: the compose project, or empty for a table of its own
};

struct Network {
    std::string id;  ///< 64 hexadecimal digits
    NetworkSpec spec;
    std::string created;
    std::string bridge;  ///< "dv-" and 12 hexadecimal digits of the id
    std::string subnet4, gateway4, subnet6, gateway6;
};

/// Networks: records, bridges, address leases, name tables, firewall. Safe to use from several threads.
class Networks {
public:
    Networks(const Host&, Database&);
    ~Networks();

    Network create(const NetworkSpec&);                     ///< record only + bridge; throws Conflict if the name exists
    std::optional<Network> find(const std::string& nameOrId) const;
    Network get(const std::string& nameOrId) const;         ///< throws NotFound "network x not found"
    std::vector<Network> list() const;
    void remove(const std::string& nameOrId);               ///< throws Conflict while endpoints are active
    nlohmann::json inspect(const std::string& nameOrId) const;
    /// The network "bridge" for containers that name none; made when first needed.
    Network defaultBridge();

    /// Leases for a container that is being created (inside the caller's transaction: database lock held).
    void attach(const std::string& containerId, const std::string& containerName, const ContainerSpec&, const NetworkAttachment&);
    void detach(const std::string& containerId, const std::string& networkId);  ///< record; deletes lease
    void release(const std::string& containerId);                               ///< all of a container's
    std::vector<EndpointInfo> endpoints(const std::string& containerId) const;
    std::map<std::string, std::vector<EndpointInfo>> allEndpoints() const;      ///< by container id, in one query
    /// Ways that links open on a network whose containers are kept apart, as they are now.
    std::vector<FirewallLink> links(const std::string& nameOrId) const;
    /// What the monitor needs to build the interfaces, gateway chosen by priority.
    std::vector<EndpointPlan> plan(const std::string& containerId) const;

    /// Makes the endpoints live: bridges exist (made again after a reboot), ports bound, name tables written and the
    /// firewall of every group concerned replaced in one nftables transaction.
    /// Returns the bound sockets per container, which the monitor will hold. Throws Error on a busy port, nothing changed.
    std::map<std::string, std::vector<Fd>> activate(const std::vector<std::string>& containerIds);
    /// The reverse; bridges stay until the network is removed.
    void deactivate(const std::vector<std::string>& containerIds);
    /// The container has ended by itself: deactivates it, unless somebody is already about to start it again.
    void ended(const std::vector<std::string>& containerIds);
    /// Interface of a container that is up for connect/disconnect, in its network namespace.
    void plug(const std::string& containerId, const std::string& networkId, int networkNamespace);
    void unplug(const std::string& containerId, const std::string& networkId, int networkNamespace);
    /// Deletes what a command that was killed has taken out of service: the bridge that "bridge" had.
    void removeRetiredBridge() const;
    /// Names of networks that no container has a lease on, the predefined ones left out.
    std::vector<std::string> unused() const;
    /// False if there is none by now, or a container has a lease on it.
    bool removeUnused(const std::string& id);
    /// What is in the kernel for networks and endpoints that there are not, or that have ended.
    std::vector<Leftover> leftovers();
    /// The container has another name: its neighbours' resolvers learn it.
    void renamed(const std::string& containerId);

private:
    void raiseBridgeOf(const Network& network);
    /// Where the firewall is changed. One for all: closing it waits for the kernel to forget what was replaced. Database lock held.
    nft::Nftables& firewall();

    const Host& host_;
    Database& database_;
    std::unique_ptr<nft::Nftables> firewall_;
};

}  // namespace devc::engine
