#include "compose/consistency.h"

#include <algorithm>

#include <fmt/format.h>

#include "compose/graph.h"
#include "compose/model/service_reference.h"
#include "compose/source/node.h"

namespace devc::compose {
namespace {

template <typename Map>
std::vector<std::string_view> keysOf(const Map& map) {
    std::vector<std::string_view> keys;
    for (const auto& [key, value] : map) {
        keys.push_back(key);
        if (keys.size() > mostNames) break;
    }
    return keys;
}

class Checker {
public:
    Checker(const Project& project, Problems& problems) : project_(project), problems_(problems) {
        services_ = project.document ? project.document->find("services") : nullptr;
        if (!services_) return;
        for (const Entry& entry : services_->entries) places_.emplace(entry.key, &entry);
    }

    void run() {
        for (const auto& [name, service] : project_.services) check(service);
        checkSecrets();
        checkContainerNames();
        StringList cycle = Graph(project_).cycle();
        if (!cycle.empty()) {
            problems_.add(place(cycle.front(), "depends_on"), fmt::format("dependency cycle detected: {}", fmt::join(cycle, " -> ")));
        }
    }

private:
    Position place(const std::string& service, std::string_view attribute = {}) const {
        auto found = places_.find(service);
        if (found == places_.end()) return {};
        const Node* value = found->second->value.find(attribute);
        return value && value->at.source ? value->at : found->second->at;
    }

    /// The place of one member of an attribute, in either of its forms.
    Position memberPlace(const std::string& service, std::string_view attribute, std::string_view member) const {
        auto found = places_.find(service);
        const Node* value = found == places_.end() ? nullptr : found->second->value.find(attribute);
        if (value) {
            for (const Entry& entry : value->entries) {
                bool same = entry.key == member || entry.value.textOf("source") == member;
                if (same && entry.at.source) return entry.at;
            }
        }
        return place(service, attribute);
    }

    Position elementPlace(const std::string& service, std::string_view attribute, std::size_t index) const {
        auto found = places_.find(service);
        const Node* list = found == places_.end() ? nullptr : found->second->value.find(attribute);
        return list && index < list->entries.size() ? list->entries[index].at : place(service, attribute);
    }

    void undefined(const Service& service, std::string_view attribute, std::string_view kind, const std::string& name,
                   const std::vector<std::string_view>& known) {
        if (problems_.full()) return;
        std::string hint = didYouMean(name, known);
        if (hint.empty() && kind != "build secret") hint = fmt::format("define it in the top-level `{}:`", attribute);
        problems_.add(memberPlace(service.name, attribute, name),
                      fmt::format("service \"{}\" refers to undefined {} {}: invalid compose project", service.name, kind, name), hint);
    }

    void invalid(const Service& service, std::string_view attribute, const std::string& message, std::string hint = {}) {
        problems_.add(place(service.name, attribute), message + ": invalid compose project", std::move(hint));
    }

    void check(const Service& service) {
        if (service.image.empty() && !service.build && !service.provider) {
            invalid(service, {}, fmt::format("service \"{}\" has neither an image nor a build context specified", service.name));
        }
        checkBuild(service);
        checkNetworks(service);
        checkReferences(service);
        checkDependencies(service);
        checkLimits(service);
        checkHealth(service);
        checkTargets(service);
        for (const WatchRule& rule : service.watch) {
            if (!rule.target.empty() || rule.action == "rebuild" || rule.action == "restart") continue;
            invalid(service, "develop", fmt::format("services.{}.develop.watch: target is required for non-rebuild actions", service.name));
        }
    }

    void checkBuild(const Service& service) {
        if (!service.build) return;
        const Build& build = *service.build;
        if (!build.dockerfile.empty() && !build.dockerfileInline.empty()) {
            invalid(service, "build", fmt::format("service \"{}\" declares mutually exclusive dockerfile and dockerfile_inline", service.name));
        }
        bool has = service.platform.empty() || build.platforms.empty() ||
                   std::find(build.platforms.begin(), build.platforms.end(), service.platform) != build.platforms.end();
        if (!has) invalid(service, "build", fmt::format("service.build.platforms MUST include service.platform \"{}\"", service.platform));
        for (const auto& [name, context] : build.additionalContexts) {
            const std::optional<std::string> reference = referencedService(context);
            if (!reference) continue;
            const std::string& base = *reference;
            auto found = project_.services.find(base);
            if (found == project_.services.end()) {
                dependsOnUndefined(service, "build", base);
            } else if (!found->second.build) {
                invalid(service, "build", fmt::format("service \"{}\" declares unknown service \"{}\" as additional contexts {}: it has no build", service.name, base, name));
            }
        }
        for (const FileReference& secret : build.secrets) {
            if (!project_.secrets.contains(secret.source)) undefined(service, "secrets", "build secret", secret.source, keysOf(project_.secrets));
        }
    }

    void checkNetworks(const Service& service) {
        if (!service.networkMode.empty() && !service.networks.empty()) {
            invalid(service, "network_mode", fmt::format("service {} declares mutually exclusive `network_mode` and `networks`", service.name));
        }
        for (const auto& [name, attachment] : service.networks) {
            if (!project_.networks.contains(name)) undefined(service, "networks", "network", name, keysOf(project_.networks));
        }
    }

    void checkReferences(const Service& service) {
        for (const Mount& mount : service.mounts) {
            if (mount.type != MountType::Volume || mount.source.empty() || project_.volumes.contains(mount.source)) continue;
            undefined(service, "volumes", "volume", mount.source, keysOf(project_.volumes));
        }
        for (const FileReference& config : service.configs) {
            if (!project_.configs.contains(config.source)) undefined(service, "configs", "config", config.source, keysOf(project_.configs));
        }
        for (const FileReference& secret : service.secrets) {
            if (!project_.secrets.contains(secret.source)) undefined(service, "secrets", "secret", secret.source, keysOf(project_.secrets));
        }
        for (const auto& [model, binding] : service.models) {
            if (!project_.models.contains(model)) undefined(service, "models", "model", model, keysOf(project_.models));
        }
    }

    void dependsOnUndefined(const Service& service, std::string_view attribute, const std::string& name) {
        if (problems_.full()) return;
        std::string hint = didYouMean(name, keysOf(project_.services));
        if (auto disabled = project_.disabledServices.find(name); disabled != project_.disabledServices.end()) {
            hint = fmt::format("\"{}\" is in profile {} that is not active", name, fmt::join(disabled->second.profiles, ", "));
        }
        problems_.add(memberPlace(service.name, attribute, name),
                      fmt::format("service \"{}\" depends on undefined service \"{}\": invalid compose project", service.name, name), hint);
    }

    void checkDependencies(const Service& service) {
        for (const auto& [name, dependency] : service.dependsOn) {
            if (project_.services.contains(name)) continue;
            if (!dependency.required && project_.disabledServices.contains(name)) continue;
            dependsOnUndefined(service, "depends_on", name);
        }
    }

    void distinct(const Service& service, std::string_view one, std::string_view other, bool differ) {
        if (differ) invalid(service, one, fmt::format("services.{}: can't set distinct values on '{}' and '{}'", service.name, one, other), "leave out one of the two");
    }

    void checkLimits(const Service& service) {
        if (!service.containerName.empty() && service.replicas() > 1) {
            invalid(service, "container_name", fmt::format("services.{}: can't set container_name and scale {}, as container name must be unique", service.name, service.replicas()));
        }
        if (!service.deploy) return;
        const Deploy& deploy = *service.deploy;
        distinct(service, "scale", "deploy.replicas", service.scale && deploy.replicas && *service.scale != *deploy.replicas);
        auto differs = [](auto mine, const auto& other) { return mine != 0 && mine != other.value_or(0); };
        if (hasResources(service, "limits")) {
            distinct(service, "cpus", "deploy.resources.limits.cpus", differs(service.cpus, deploy.limits.cpus));
            distinct(service, "mem_limit", "deploy.resources.limits.memory", differs(service.memLimit, deploy.limits.memory));
            distinct(service, "pids_limit", "deploy.resources.limits.pids", differs(service.pidsLimit, deploy.limits.pids));
        }
        if (hasResources(service, "reservations")) {
            distinct(service, "mem_reservation", "deploy.resources.reservations.memory", differs(service.memReservation, deploy.reservations.memory));
        }
    }

    bool hasResources(const Service& service, std::string_view kind) const {
        auto found = places_.find(service.name);
        const Node* node = found == places_.end() ? nullptr : &found->second->value;
        for (std::string_view key : {std::string_view("deploy"), std::string_view("resources"), kind}) node = node ? node->find(key) : nullptr;
        return node != nullptr;
    }

    void checkSecrets() {
        const Node* secrets = project_.document->find("secrets");
        for (const auto& [name, secret] : project_.secrets) {
            if (secret.external || !secret.file.empty() || !secret.environment.empty()) continue;
            const Node* node = secrets ? secrets->find(name) : nullptr;
            problems_.add(node ? node->at : Position{}, fmt::format("secret \"{}\" must declare either `file` or `environment`: invalid compose project", name));
        }
    }

    /// Two mounts at one place, of `volumes` and `tmpfs` together.
    void checkTargets(const Service& service) {
        std::map<std::string, std::string> taken;
        auto take = [&](std::string target, std::string_view attribute, std::size_t index) {
            std::string here = fmt::format("services.{}.{}[{}]", service.name, attribute, index);
            auto [owner, fresh] = taken.emplace(std::move(target), here);
            if (!fresh) problems_.add(elementPlace(service.name, attribute, index), fmt::format("{}: target {} already mounted as {}", here, owner->first, owner->second));
        };
        for (std::size_t i = 0; i < service.tmpfs.size(); ++i) take(service.tmpfs[i].substr(0, service.tmpfs[i].find(':')), "tmpfs", i);
        for (std::size_t i = 0; i < service.mounts.size(); ++i) take(service.mounts[i].target, "volumes", i);
    }

    void checkHealth(const Service& service) {
        if (!service.healthcheck || service.healthcheck->test.empty()) return;
        const std::string& first = service.healthcheck->test.front();
        if (first == "CMD" || first == "CMD-SHELL" || first == "NONE") return;
        problems_.add(place(service.name, "healthcheck"), "healthcheck.test must start either by \"CMD\", \"CMD-SHELL\" or \"NONE\"",
                      "write the test as one string to run it in a shell");
    }

    void checkContainerNames() {
        std::map<std::string, std::string> owners;
        for (const auto& [name, service] : project_.services) {
            if (service.containerName.empty()) continue;
            auto [owner, fresh] = owners.emplace(service.containerName, name);
            if (fresh) continue;
            problems_.add(place(name, "container_name"), fmt::format("services.{}: container name \"{}\" is already in use by service {}", name, service.containerName, owner->second));
        }
    }

    const Project& project_;
    Problems& problems_;
    const Node* services_ = nullptr;
    std::map<std::string, const Entry*> places_;
};

}  // namespace

void checkConsistency(const Project& project, Problems& problems) { Checker(project, problems).run(); }

}  // namespace devc::compose
