#pragma once
#include <optional>
#include <set>
#include <string>

#include "app/project/action.h"
#include "app/project/desired.h"
#include "app/project/observe.h"

namespace devc::app {

enum class Recreate { Changed, Never, Always };

struct PlanOptions {
    Recreate recreate = Recreate::Changed;              ///< of services that are selected
    Recreate recreateDependencies = Recreate::Changed;  ///< of services that are there because others need them
    bool start = true;
    bool removeOrphans = false;
    bool ignoreOrphans = false;                         ///< do not even warn
    bool renewAnonymousVolumes = false;
    bool replaceVolumes = false;                        ///< those whose definition changed are made anew and lose their data
    std::optional<engine::Nanoseconds> timeout;         ///< of stops
};

/// What to do so that `observed` becomes `desired`. Pure: no clock, no disk, no kernel. Every action carries its reason.
/// Throws Error when an external network or volume does not exist.
ActionGraph plan(const DesiredProject& desired, const ObservedProject& observed, const PlanOptions& options);

struct DownOptions {
    bool volumes = false;
    bool removeOrphans = false;      ///< and the containers of `run`
    std::optional<engine::Nanoseconds> timeout;
    std::set<std::string> services;  ///< only these; empty: the whole project
    bool hasFile = false;            ///< else every service that has a container is active
    std::set<std::string> active;    ///< services of the file with its active profiles
    std::set<std::string> inactive;  ///< its others, whose containers stay
    std::set<std::string> kept;      ///< names of external networks and volumes, which stay
    std::set<std::string> used;      ///< names of the others of the file; with `services`, of theirs and their dependencies'
};

/// What to do so that nothing of the project is left: containers stopped in reverse order of their dependencies, then
/// removed together, then networks and, if asked for, volumes. Needs no compose file: labels say what there is.
/// Of some services only, what others still use is found out when it is removed, and stays.
ActionGraph planDown(const std::string& project, const ObservedProject& observed, const DownOptions& options);

/// Stops of containers so that a container stops only when all that depend on it have. Appends to `graph`; returns the
/// index of each container's stop by id. Containers that do not run get none.
std::map<std::string, std::size_t> planStops(ActionGraph& graph, const std::vector<const engine::Container*>& containers,
                                             const std::optional<engine::Nanoseconds>& timeout, const std::string& reason);

/// Starts of containers that exist: together where nothing is waited for, else as the conditions in their labels allow.
/// `stops`: what must be done before, by container id. Those that run and are not in `stops` are left alone. `preStart`: services
/// that have something to run before, while none of their containers runs.
void planStarts(ActionGraph& graph, const std::vector<const engine::Container*>& containers,
                const std::map<std::string, std::size_t>& stops, const std::string& reason, const std::set<std::string>& preStart = {});

/// Stop and start of the services' containers and, with `dependents`, of the running ones that depend on them with
/// `restart: true`.
ActionGraph planRestart(const std::vector<engine::Container>& containers, std::set<std::string> services, bool dependents,
                        const std::optional<engine::Nanoseconds>& timeout, const std::string& reason);

}  // namespace devc::app
