#include <csignal>
#include <cstdio>
#include <memory>

#include "app/commands/container.h"
#include "app/commands/container_flags.h"
#include "app/commands/noun.h"
#include "app/filter/filters.h"
#include "app/project/service_spec.h"
#include "app/ui/human.h"
#include "app/ui/prompt.h"
#include "engine/container/disk_usage.h"
#include "engine/engine.h"
#include "engine/error.h"
#include "engine/linux/process.h"

namespace devc::app {
namespace {

using engine::Container;
using engine::Error;
using engine::Status;

engine::Containers& containersOf(Context& context) { return context.engine().containers(); }

bool runs(const Container& container) { return engine::isUp(container.state); }

std::optional<engine::Nanoseconds> seconds(const std::optional<int>& value) {
    if (!value) return std::nullopt;
    return *value < 0 ? engine::Nanoseconds::max() : engine::Nanoseconds(std::chrono::seconds(*value));
}

struct StopFlags {
    std::vector<std::string> names;
    std::optional<int> timeout;
    std::string signal;
};

std::shared_ptr<StopFlags> stopFlags(CLI::App& command) {
    auto flags = std::make_shared<StopFlags>();
    command.add_option_function<int>("-t,--timeout,--time", [flags = flags.get()](const int& value) { flags->timeout = value; },
                                     "Seconds to wait before killing the container");
    command.add_option("-s,--signal", flags->signal, "Signal to send to the container");
    addNames(command, flags->names, "container");
    return flags;
}

std::optional<int> signalOf(const std::string& name) {
    return name.empty() ? std::nullopt : std::optional<int>(engine::signalNumber(name));
}

void addSimple(CLI::App& command, Context& context, void (*work)(engine::Containers&, const Container&)) {
    const auto names = std::make_shared<std::vector<std::string>>();
    addNames(command, *names, "container");
    command.callback([names, &context, work] {
        forEachName(context, *names, [&](const std::string& name) { work(containersOf(context), containersOf(context).find(name)); });
    });
}

void startAttached(Context& context, const std::string& name, bool interactive, const std::string& detachKeys, bool signalProxy) {
    const Container container = containersOf(context).find(name);
    if (runs(container)) throw Error::of("container {} is running already: use `devc container attach`", name);
    engine::Attachment attachment = engine::Attachment::beforeStart(interactive && container.spec.openStdin, container.spec.tty);
    warn(containersOf(context).start(container.id, &attachment));
    if (const auto status = attachment.run(context.engine().host(), container.id, signalProxy && !container.spec.tty, detachKeys)) context.status = *status;
}

}  // namespace

void addContainerStart(CLI::App& command, Context& context) {
    struct Flags {
        bool attach = false, interactive = false, signalProxy = true;
        std::string detachKeys;
        std::vector<std::string> names;
    };
    const auto flags = std::make_shared<Flags>();
    command.add_flag("-a,--attach", flags->attach, "Attach STDOUT/STDERR and forward signals");
    command.add_flag("-i,--interactive", flags->interactive, "Attach container's STDIN");
    command.add_option("--detach-keys", flags->detachKeys, "Override the key sequence for detaching a container");
    command.add_flag("--sig-proxy", flags->signalProxy, "Proxy received signals to the process");
    addNames(command, flags->names, "container");
    command.callback([flags, &context] {
        if (flags->attach || flags->interactive) {
            if (flags->names.size() > 1) throw Error("you cannot start and attach multiple containers at once");
            return startAttached(context, flags->names.front(), flags->interactive, flags->detachKeys, flags->signalProxy);
        }
        forEachName(context, flags->names, [&](const std::string& name) {
            const Container container = containersOf(context).find(name);
            if (!runs(container)) warn(containersOf(context).start(container.id));
        });
    });
}

void addContainerStop(CLI::App& command, Context& context) {
    const auto flags = stopFlags(command);
    command.callback([flags, &context] {
        const auto signal = signalOf(flags->signal);
        forEachName(context, flags->names, [&](const std::string& name) {
            const Container container = containersOf(context).find(name);
            if (runs(container)) containersOf(context).stop(container.id, seconds(flags->timeout), signal);
        });
    });
}

void addContainerRestart(CLI::App& command, Context& context) {
    const auto flags = stopFlags(command);
    command.callback([flags, &context] {
        const auto signal = signalOf(flags->signal);
        forEachName(context, flags->names, [&](const std::string& name) {
            const Container container = containersOf(context).find(name);
            if (signal && runs(container)) containersOf(context).stop(container.id, seconds(flags->timeout), signal);
            containersOf(context).restart(container.id, seconds(flags->timeout));
        });
    });
}

void addContainerKill(CLI::App& command, Context& context) {
    const auto flags = std::make_shared<StopFlags>();
    command.add_option("-s,--signal", flags->signal, "Signal to send to the container");
    addNames(command, flags->names, "container");
    command.callback([flags, &context] {
        const int signal = flags->signal.empty() ? SIGKILL : engine::signalNumber(flags->signal);
        forEachName(context, flags->names, [&](const std::string& name) {
            const Container container = containersOf(context).find(name);
            if (!runs(container)) throw Error::of("cannot kill container: {}: container {} is not running", name, container.id);
            containersOf(context).kill(container.id, signal);
        });
    });
}

void addContainerPause(CLI::App& command, Context& context) {
    addSimple(command, context, [](engine::Containers& containers, const Container& container) {
        if (container.state.status == Status::Paused) throw Error::of("Container {} is already paused", container.id);
        if (container.state.status != Status::Running) throw Error::of("Container {} is not running", container.id);
        containers.pause(container.id);
    });
}

void addContainerUnpause(CLI::App& command, Context& context) {
    addSimple(command, context, [](engine::Containers& containers, const Container& container) {
        if (container.state.status != Status::Paused) throw Error::of("Container {} is not paused", container.id);
        containers.unpause(container.id);
    });
}

void addContainerRemove(CLI::App& command, Context& context) {
    struct Flags {
        bool force = false, volumes = false, link = false;
        std::vector<std::string> names;
    };
    const auto flags = std::make_shared<Flags>();
    command.add_flag("-f,--force", flags->force, "Force the removal of a running container (uses SIGKILL)");
    command.add_flag("-v,--volumes", flags->volumes, "Remove anonymous volumes associated with the container");
    command.add_flag("-l,--link", flags->link, "Remove the specified link");
    addNames(command, flags->names, "container");
    command.callback([flags, &context] {
        forEachName(context, flags->names, [&](const std::string& name) {
            try {
                containersOf(context).remove(containersOf(context).find(name).id, flags->force, flags->volumes);
                out(name + "\n");
            } catch (const engine::NotFound&) {
                if (!flags->force) throw;  // with -f what is not there is no reason to fail
                std::fprintf(stderr, "Error: No such container: %s\n", name.c_str());
            }
        }, false);
    });
}

void addContainerRename(CLI::App& command, Context& context) {
    const auto names = std::make_shared<std::pair<std::string, std::string>>();
    command.add_option("container", names->first)->required();
    command.add_option("name", names->second)->required();
    command.callback([names, &context] {
        std::string name = names->second;
        if (!name.empty() && name[0] == '/') name.erase(0, 1);
        containersOf(context).rename(containersOf(context).find(names->first).id, name);
    });
}

void addContainerUpdate(CLI::App& command, Context& context) {
    struct Flags {
        std::string memory, memoryReservation, memorySwap, cpus, cpusetCpus, cpusetMems, restart, kernelMemory;
        std::optional<std::int64_t> cpuShares, cpuQuota, cpuPeriod, pids;
        std::optional<unsigned> blkioWeight;
        std::vector<std::string> names;
    };
    const auto flags = std::make_shared<Flags>();
    const auto number = [&](const char* name, std::optional<std::int64_t>& into) {
        command.add_option_function<std::int64_t>(name, [&into](const std::int64_t& value) { into = value; });
    };
    command.add_option_function<unsigned>("--blkio-weight", [flags = flags.get()](const unsigned& value) { flags->blkioWeight = value; })->check(CLI::Range(0, 1000));
    number("--cpu-period", flags->cpuPeriod);
    number("--cpu-quota", flags->cpuQuota);
    number("-c,--cpu-shares", flags->cpuShares);
    number("--pids-limit", flags->pids);
    command.add_option("--cpus", flags->cpus, "Number of CPUs");
    command.add_option("--cpuset-cpus", flags->cpusetCpus, "CPUs in which to allow execution (0-3, 0,1)");
    command.add_option("--cpuset-mems", flags->cpusetMems, "MEMs in which to allow execution (0-3, 0,1)");
    command.add_option("-m,--memory", flags->memory, "Memory limit");
    command.add_option("--memory-reservation", flags->memoryReservation, "Memory soft limit");
    command.add_option("--memory-swap", flags->memorySwap, "Swap limit equal to memory plus swap: -1 to enable unlimited swap");
    command.add_option("--kernel-memory", flags->kernelMemory, "Kernel memory limit (has no effect)");
    command.add_option("--restart", flags->restart, "Restart policy to apply when a container exits");
    addNames(command, flags->names, "container");
    command.callback([flags, &context] {
        const auto change = [&](engine::ContainerSpec& spec) {
            engine::Resources& r = spec.resources;
            if (!flags->memory.empty()) r.memory = parseMemory(flags->memory);
            if (!flags->memoryReservation.empty()) r.memoryReservation = parseMemory(flags->memoryReservation);
            if (!flags->memorySwap.empty()) r.memorySwap = parseMemory(flags->memorySwap);
            if (!flags->cpus.empty()) r.nanoCpus = parseCpus(flags->cpus);
            if (!flags->cpusetCpus.empty()) r.cpusetCpus = flags->cpusetCpus;
            if (!flags->cpusetMems.empty()) r.cpusetMems = flags->cpusetMems;
            if (flags->cpuShares) r.cpuShares = *flags->cpuShares;
            if (flags->cpuQuota) r.cpuQuota = *flags->cpuQuota;
            if (flags->cpuPeriod) r.cpuPeriod = *flags->cpuPeriod;
            if (flags->pids) r.pidsLimit = *flags->pids;
            if (flags->blkioWeight) r.blkioWeight = static_cast<std::uint16_t>(*flags->blkioWeight);
            if (!flags->restart.empty()) spec.restart = parseRestart(flags->restart);
        };
        forEachName(context, flags->names, [&](const std::string& name) { warn(containersOf(context).update(containersOf(context).find(name).id, change)); });
    });
}

void addContainerWait(CLI::App& command, Context& context) {
    const auto names = std::make_shared<std::vector<std::string>>();
    addNames(command, *names, "container");
    command.callback([names, &context] {
        forEachName(context, *names, [&](const std::string& name) {
            const int status = containersOf(context).wait(containersOf(context).find(name).id);
            out(std::to_string(status) + "\n");
            std::fflush(stdout);
        }, false);
    });
}

void addContainerPrune(CLI::App& command, Context& context) {
    struct Flags {
        bool force = false;
        std::vector<std::string> filters;
    };
    const auto flags = std::make_shared<Flags>();
    command.add_flag("-f,--force", flags->force, "Do not prompt for confirmation");
    addList(command, "--filter", flags->filters, "Provide filter values (e.g. \"until=<timestamp>\")");
    command.callback([flags, &context] {
        const Filters filters(flags->filters, {"label", "label!", "until"});
        if (!flags->force && !confirm("WARNING! This will remove all stopped containers.\nAre you sure you want to continue?")) return;
        std::vector<std::string> ids;
        std::uint64_t bytes = 0;
        for (const Container& container : containersOf(context).list()) {
            if (runs(container) || !filters.acceptLabels(container.spec.labels) || !filters.acceptTime(container.created)) continue;
            bytes += engine::diskUsage(context.engine().host().containerDir(container.id) / "upper");
            ids.push_back(container.id);
        }
        containersOf(context).removeAll(ids, false, false);
        if (!ids.empty()) out("Deleted Containers:\n");
        for (const std::string& id : ids) out(id + "\n");
        out(fmt::format("{}Total reclaimed space: {}\n", ids.empty() ? "" : "\n", humanSize(static_cast<double>(bytes))));
    });
}

}  // namespace devc::app
