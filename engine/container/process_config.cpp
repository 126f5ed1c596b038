#include <algorithm>

#include "engine/container/oci_config.h"
#include "engine/error.h"

namespace devc::engine {

namespace {

constexpr std::string_view defaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

void setVariable(std::vector<std::string>& environment, const std::string& entry) {
    std::string name = entry.substr(0, entry.find('='));
    auto same = [&](const std::string& other) { return other.starts_with(name) && other.size() > name.size() && other[name.size()] == '='; };
    auto found = std::find_if(environment.begin(), environment.end(), same);
    bool removes = name.size() == entry.size();
    if (found == environment.end()) {
        if (!removes) environment.push_back(entry);
    } else if (removes) {
        environment.erase(found);
    } else {
        *found = entry;
    }
}

}  // namespace

std::vector<std::string> argumentsOf(const ContainerSpec& spec, const ImageConfig& image) {
    std::vector<std::string> arguments = spec.entrypoint.value_or(image.entrypoint);
    // docker: an entrypoint of [""] is none at all.
    if (arguments.size() == 1 && arguments[0].empty()) arguments.clear();
    const std::vector<std::string> none;
    const auto& command = spec.command ? *spec.command : spec.entrypoint ? none : image.command;
    arguments.insert(arguments.end(), command.begin(), command.end());
    if (arguments.empty()) {
        throw Error("no command specified", 125).hint("the image names none: give a command or an entrypoint");
    }
    return arguments;
}

std::vector<std::string> environmentOf(const ContainerSpec& spec, const ImageConfig& image, const std::string& hostname) {
    std::vector<std::string> environment{std::string(defaultPath), "HOSTNAME=" + hostname};
    if (spec.tty) environment.push_back("TERM=xterm");
    for (const std::string& entry : image.environment) setVariable(environment, entry);
    for (const std::string& entry : spec.environment) setVariable(environment, entry);
    return environment;
}

HealthCheck healthCheckOf(const ContainerSpec& spec, const ImageConfig& image) {
    HealthCheck check = image.healthcheck.value_or(HealthCheck{});
    if (spec.healthcheck) {
        const HealthCheck& own = *spec.healthcheck;
        if (!own.test.empty()) check.test = own.test;
        if (own.interval.count()) check.interval = own.interval;
        if (own.timeout.count()) check.timeout = own.timeout;
        if (own.startPeriod.count()) check.startPeriod = own.startPeriod;
        if (own.startInterval.count()) check.startInterval = own.startInterval;
        if (own.retries) check.retries = own.retries;
    }
    if (check.test.empty() || check.test[0] == "NONE") return {};
    using namespace std::chrono_literals;
    if (!check.interval.count()) check.interval = 30s;
    if (!check.timeout.count()) check.timeout = 30s;
    if (!check.startInterval.count()) check.startInterval = 5s;
    if (!check.retries) check.retries = 3;
    return check;
}

}  // namespace devc::engine
