#include "compose/model/service.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "compose/model/project.h"

namespace devc::compose {

int Service::replicas() const {
    if (scale) return *scale;
    return deploy && deploy->replicas ? *deploy->replicas : 1;
}

std::int64_t Service::memoryLimit() const {
    if (memLimit != 0) return memLimit;
    return deploy ? deploy->limits.memory.value_or(0) : 0;
}

double Service::cpuLimit() const {
    if (cpus > 0) return cpus;
    return deploy ? deploy->limits.cpus.value_or(0) : 0;
}

std::int64_t Service::processLimit() const {
    if (pidsLimit != 0) return pidsLimit;
    return deploy ? deploy->limits.pids.value_or(0) : 0;
}

std::string Service::restartPolicy() const {
    // As Docker Compose has it: deploy's policy stands over `restart`, and one without a condition restarts nothing.
    if (!deploy || !deploy->restartPolicy) return restart == "any" ? "always" : restart == "none" ? "no" : restart;
    const DeployRestartPolicy& policy = *deploy->restartPolicy;
    if (policy.condition.empty() || policy.condition == "none") return "no";
    if (policy.condition == "on-failure") {
        bool limited = policy.maxAttempts && *policy.maxAttempts > 0;
        return limited ? fmt::format("on-failure:{}", *policy.maxAttempts) : "on-failure";
    }
    return policy.condition == "any" ? "always" : policy.condition;
}

std::string Service::imageOr(std::string_view project) const { return image.empty() ? fmt::format("{}-{}", project, name) : image; }

StringList Service::preStartImages() const {
    StringList images;
    for (const Hook& hook : preStart) {
        const bool known = hook.image.empty() || hook.image == image || std::find(images.begin(), images.end(), hook.image) != images.end();
        if (!known) images.push_back(hook.image);
    }
    return images;
}

StringList Service::networksByPriority() const {
    StringList keys;
    for (const auto& [key, attachment] : networks) keys.push_back(key);
    std::stable_sort(keys.begin(), keys.end(), [this](const std::string& a, const std::string& b) {
        return networks.at(a).priority > networks.at(b).priority;
    });
    return keys;
}

const Service* Project::find(const std::string& name) const {
    for (const auto* group : {&services, &disabledServices})
        if (const auto found = group->find(name); found != group->end()) return &found->second;
    return nullptr;
}

StringList Project::profiles() const {
    std::set<std::string> names;
    for (const auto* group : {&services, &disabledServices}) {
        for (const auto& [name, service] : *group) names.insert(service.profiles.begin(), service.profiles.end());
    }
    return {names.begin(), names.end()};
}

}  // namespace devc::compose
