#include "app/project/support.h"

#include <unistd.h>

#include <fmt/format.h>

#include "engine/container/runtime_program.h"
#include "engine/error.h"

namespace devc::app {
namespace {

using compose::Service;
using engine::Error;

/// A row an attribute: when it is asked for, and what is said of it.
struct Lack {
    const char* attribute;
    bool (*asked)(const Service&);
    const char* why;
    const char* remedy;  ///< of what is refused
};

bool hasSize(const Service& service) { return !service.storageOpt.empty(); }
bool isOther(const std::string& value, std::string_view usual) { return !value.empty() && value != usual; }

constexpr Lack refused[] = {
    {"credential_spec", [](const Service& s) { return s.credentialSpec.has_value(); }, "is for Windows containers", "remove it"},
    {"isolation", [](const Service& s) { return isOther(s.isolation, "default"); }, "is for Windows containers", "remove it"},
    {"models", [](const Service& s) { return !s.models.empty(); }, "needs a model runner, which devc has none of",
     "run the model in a service of its own, and give its address in `environment`"},
    {"storage_opt", hasSize, "cannot be held: the store's file system has no quotas that devc uses", "remove it, or bound the space with a tmpfs of a size"},
    {"use_api_socket", [](const Service& s) { return s.useApiSocket; }, "needs a socket of the engine, and devc runs no daemon that has one", "remove it"},
    {"userns_mode", [](const Service& s) { return isOther(s.usernsMode, "host"); }, "can only be `host`: containers have no user namespace of their own", "remove it"},
    {"volume_driver", [](const Service& s) { return isOther(s.volumeDriver, "local"); }, "can only be `local`", "remove it"},
};

constexpr Lack leftOut[] = {
    {"cpu_count", [](const Service& s) { return s.cpuCount != 0; }, "is for Windows containers and does nothing here", ""},
    {"cpu_percent", [](const Service& s) { return s.cpuPercent != 0; }, "is for Windows containers and does nothing here", ""},
};

using compose::Deploy;

/// What of `deploy` needs a cluster, or a service that is more than its containers.
struct ClusterPart {
    const char* attribute;
    bool (*asked)(const Deploy&);
};

constexpr ClusterPart ofCluster[] = {
    {"endpoint_mode", [](const Deploy& d) { return isOther(d.endpointMode, "dnsrr"); }},  // a service's name has all addresses, in turn
    {"labels", [](const Deploy& d) { return !d.labels.empty(); }},
    {"mode", [](const Deploy& d) { return isOther(d.mode, "replicated") && d.mode != "global"; }},
    {"placement", [](const Deploy& d) { return d.placement; }},
    {"resources.reservations.cpus", [](const Deploy& d) { return d.reservations.cpus.value_or(0) > 0; }},
    {"resources.reservations.generic_resources", [](const Deploy& d) { return d.reservations.generic; }},
    {"restart_policy.delay", [](const Deploy& d) { return d.restartPolicy && d.restartPolicy->delay; }},
    {"restart_policy.window", [](const Deploy& d) { return d.restartPolicy && d.restartPolicy->window; }},
    {"rollback_config", [](const Deploy& d) { return d.rollbackConfig.has_value(); }},
    {"update_config", [](const Deploy& d) { return d.updateConfig.has_value(); }},
};

/// One sentence, however many services share a `deploy`.
void checkCluster(const compose::Project& project, std::vector<std::string>& sentences) {
    std::vector<std::string> parts;
    for (const ClusterPart& part : ofCluster) {
        std::vector<std::string> services;
        for (const auto& [name, service] : project.services)
            if (service.deploy && part.asked(*service.deploy)) services.push_back(name);
        if (!services.empty()) parts.push_back(fmt::format("{} (of {})", part.attribute, fmt::join(services, ", ")));
    }
    if (!parts.empty()) sentences.push_back(fmt::format("`deploy` of a cluster does nothing on one machine: {}", fmt::join(parts, ", ")));
}

/// What contradicts itself within `deploy`: what is done of it.
void checkDeploy(const Service& service, std::vector<std::string>& sentences) {
    if (!service.deploy) return;
    const Deploy& deploy = *service.deploy;
    if (deploy.mode == "global" && deploy.replicas.value_or(1) != 1)
        sentences.push_back(fmt::format("service {}: deploy.mode global is one container on one machine: {} run, as deploy.replicas says", service.name, *deploy.replicas));
    if (!deploy.restartPolicy) return;
    const compose::DeployRestartPolicy& policy = *deploy.restartPolicy;
    if (policy.condition.empty())
        sentences.push_back(fmt::format("service {}: deploy.restart_policy without a condition restarts nothing: `condition: any` does", service.name));
    else if (policy.maxAttempts.value_or(0) > 0 && policy.condition != "on-failure")
        sentences.push_back(fmt::format("service {}: deploy.restart_policy.max_attempts does nothing: only `condition: on-failure` counts them", service.name));
}

bool selinuxIsOn() { return ::access("/sys/fs/selinux/enforce", F_OK) == 0; }

void checkMounts(const Service& service, std::vector<std::string>& sentences) {
    for (const compose::Mount& mount : service.mounts)
        if (!mount.selinux.empty() && selinuxIsOn())
            sentences.push_back(fmt::format("service {}: devc does not set SELinux labels: `{}` of the mount at {} does nothing", service.name, mount.selinux, mount.target));
}

void checkEndpoints(const Service& service, std::vector<std::string>& sentences) {
    for (const auto& [network, attachment] : service.networks)
        for (const auto& [option, value] : attachment.driverOptions)
            sentences.push_back(fmt::format("service {}: devc knows no option {} of an attachment to network {}: it does nothing", service.name, option, network));
}

void checkRuntime(const Service& service) {
    try {
        engine::findRuntime(service.runtime);
    } catch (Error& error) {
        throw error.during("service {}", service.name);
    }
}

void checkFiles(const compose::Project& project, const std::vector<compose::FileReference>& references, bool secret, std::vector<std::string>& sentences) {
    for (const compose::FileReference& reference : references) {
        const auto& objects = secret ? project.secrets : project.configs;
        const auto found = objects.find(reference.source);
        if (found == objects.end()) continue;
        const char* kind = secret ? "secret" : "config";
        if (!found->second.driver.empty())
            throw Error::of("{} {}: its driver {} belongs to a cluster, which there is none of here", kind, reference.source, found->second.driver).hint("give it `file:` or `environment:`");
        if (!found->second.templateDriver.empty())
            sentences.push_back(fmt::format("{} {}: template_driver does nothing: its content is taken as it is", kind, reference.source));
    }
}

}  // namespace

std::vector<std::string> checkSupport(const compose::Project& project) {
    std::vector<std::string> sentences;
    for (const auto& [name, service] : project.services) {
        for (const Lack& lack : refused)
            if (lack.asked(service)) throw Error::of("service {}: {} {}", name, lack.attribute, lack.why).hint(lack.remedy);
        for (const Lack& lack : leftOut)
            if (lack.asked(service)) sentences.push_back(fmt::format("service {}: {} {}", name, lack.attribute, lack.why));
        checkDeploy(service, sentences);
        checkRuntime(service);
        checkMounts(service, sentences);
        checkEndpoints(service, sentences);
        checkFiles(project, service.secrets, true, sentences);
        checkFiles(project, service.configs, false, sentences);
    }
    checkCluster(project, sentences);
    for (const auto& [key, network] : project.networks)
        if (!network.external && isOther(network.ipamDriver, "default"))
            throw Error::of("network {}: there is no ipam driver {}", key, network.ipamDriver).hint("remove it: devc gives the addresses itself");
    return sentences;
}

}  // namespace devc::app
