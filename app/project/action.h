#pragma once
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compose/model/health.h"
#include "engine/spec.h"

namespace devc::app {

enum class Step {
    CreateNetwork,
    RemoveNetwork,
    CreateVolume,
    RemoveVolume,
    CreateContainer,
    StopContainer,
    RemoveContainers,  ///< several at once: one firewall transaction
    PrepareStart,      ///< several at once: ports, names and firewall of all that start without waiting
    RunPreStart,       ///< the containers of a service's pre_start that run once, before any of its own starts
    StartContainer,
    Await,             ///< until the containers of a service fulfil a condition
};

/// One thing to do, and why. Which fields count follows from `step`.
struct Action {
    Step step{};
    std::string subject;              ///< name of the network, volume or container
    std::string reason;               ///< "environment changed", "new"
    std::string key;                  ///< network, volume: key in the project
    std::string service;
    int number = 0;                   ///< CreateContainer: the replica's
    std::string id;                   ///< container that exists; empty: it is made by this plan and known by its name
    std::string replaces;             ///< CreateContainer: id of the stopped container whose place it takes
    std::map<std::string, std::string> inherits;  ///< CreateContainer: anonymous volumes to keep, target -> name
    std::vector<std::string> containers;          ///< RemoveContainers: ids; PrepareStart, Await: names or ids; RunPreStart: the first
    std::vector<std::string> names;               ///< RemoveContainers, Await: names, to be shown
    bool removeVolumes = false;                   ///< RemoveContainers: anonymous volumes too
    compose::Condition condition = compose::Condition::Started;  ///< Await
    bool required = true;                         ///< Await: false only warns
    std::optional<engine::Nanoseconds> timeout;   ///< StopContainer: nullopt is the container's own
    std::vector<std::size_t> after;               ///< indices of actions that must be done before
};

/// What to do, as a graph without cycles: an action may begin when all that it comes after are done.
struct ActionGraph {
    std::vector<Action> actions;
    std::vector<std::string> kept;      ///< names of containers that run and stay as they are
    std::vector<std::string> warnings;

    bool empty() const { return actions.empty(); }
    std::size_t add(Action action) {
        actions.push_back(std::move(action));
        return actions.size() - 1;
    }
};

}  // namespace devc::app
