#pragma once
#include <set>
#include <string>
#include <vector>

#include "compose/model/project.h"

namespace devc::compose {

/// The services and who depends on whom. Pure; edges to services that do not exist are left out.
class Graph {
public:
    explicit Graph(const Project& project);

    /// All services so that each comes after what it depends on; alphabetical where the order is free.
    StringList order() const;
    /// As order(), in waves: all of a wave depend only on earlier waves.
    std::vector<StringList> waves() const;
    /// "a", "b", "a" for a -> b -> a; empty if there is no cycle.
    StringList cycle() const;
    /// The services and, transitively, all that they depend on.
    std::set<std::string> withDependencies(const std::set<std::string>& services) const;
    /// The services and, transitively, all that depend on them.
    std::set<std::string> withDependents(const std::set<std::string>& services) const;
    const std::set<std::string>& dependenciesOf(const std::string& service) const;
    const std::set<std::string>& dependentsOf(const std::string& service) const;

private:
    std::map<std::string, std::set<std::string>> dependencies_;
    std::map<std::string, std::set<std::string>> dependents_;
};

/// The project with only the services named (and, if `withDependencies`, what they depend on); with no name, all.
/// Named services are enabled whatever their profiles, with the services that they depend on.
/// Networks, volumes, configs and secrets that none of them uses are dropped, unless the project keeps all.
/// Throws LoadError "no such service: NAME" with the nearest name as hint.
Project select(Project project, const StringList& services, bool withDependencies = true);

}  // namespace devc::compose
