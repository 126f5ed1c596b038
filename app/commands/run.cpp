#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>

#include <unistd.h>

#include <fmt/format.h>

#include "app/commands/commands.h"
#include "app/commands/container.h"
#include "app/commands/container_flags.h"
#include "app/commands/noun.h"
#include "app/commands/project.h"
#include "app/project/await.h"
#include "app/project/background.h"
#include "app/project/hooks.h"
#include "app/project/labels.h"
#include "app/project/observe.h"
#include "app/report.h"
#include "app/ui/table.h"
#include "engine/digest.h"
#include "engine/engine.h"
#include "engine/error.h"

namespace devc::app {
namespace {

using engine::Container;
using engine::ContainerSpec;
using engine::Error;

struct RunFlags {
    ImageFlags images;
    bool detach = false, remove = false, servicePorts = false, noDependencies = false, noTty = false, tty = false, interactive = true;
    bool quiet = false, useAliases = false, removeOrphans = false;
    std::string user, workdir, name, entrypoint;
    CLI::Option* entrypointGiven = nullptr;
    std::vector<std::string> environment, environmentFiles, labels, publish, volumes, capAdd, capDrop, words;
};

void setEnvironment(ContainerSpec& spec, const std::vector<std::string>& entries) {
    for (const std::string& entry : entries) {
        const std::string key = entry.substr(0, entry.find('=') + 1);
        std::erase_if(spec.environment, [&](const std::string& old) { return old.starts_with(key); });
        spec.environment.push_back(entry);
    }
}

void setProgram(ContainerSpec& spec, const RunFlags& flags) {
    std::vector<std::string> command(flags.words.begin() + 1, flags.words.end());
    if (flags.entrypointGiven->count() > 0) {
        spec.entrypoint = CLI::detail::split_up(flags.entrypoint);
        spec.command = std::vector<std::string>{};
    }
    if (!command.empty()) spec.command = std::move(command);
}

/// "shop-web-run-0123456789ab", unless the command line has a name.
std::string nameOf(const RunFlags& flags, const Converged& converged, const std::string& slug) {
    if (!flags.name.empty()) return flags.name;
    const std::vector<std::string> parts = {converged.project.name, converged.oneOff->name, "run", slug};
    return fmt::format("{}", fmt::join(parts, converged.desired.separator));
}

/// The service's specification with what the command line says over it.
ContainerSpec specOf(const RunFlags& flags, const Converged& converged, const std::string& slug) {
    const DesiredService& service = *converged.oneOff;
    ContainerSpec spec = service.spec;
    spec.name = nameOf(flags, converged, slug);
    spec.imageId = converged.images.at(service.image);
    setProgram(spec, flags);
    setEnvironment(spec, environmentOf(flags.environmentFiles, flags.environment));
    if (!flags.user.empty()) spec.user = flags.user;
    if (!flags.workdir.empty()) spec.workingDir = flags.workdir;
    spec.capAdd.insert(spec.capAdd.end(), flags.capAdd.begin(), flags.capAdd.end());
    spec.capDrop.insert(spec.capDrop.end(), flags.capDrop.begin(), flags.capDrop.end());
    for (const auto& [key, value] : keyValues(flags.labels)) spec.labels[key] = value;
    if (!flags.servicePorts) spec.ports.clear();
    for (const std::string& text : flags.publish)
        for (engine::PortBinding& port : parsePublish(text)) spec.ports.push_back(std::move(port));
    for (const std::string& text : flags.volumes) {
        engine::MountSpec mount = parseVolumeFlag(text);
        std::erase_if(spec.mounts, [&](const engine::MountSpec& old) { return old.target == mount.target; });
        spec.mounts.push_back(std::move(mount));
    }
    for (engine::NetworkAttachment& network : spec.networks) {
        network.replicas.clear();
        if (!flags.useAliases) network.aliases.clear();
    }
    spec.labels[label::oneOff] = "True";
    spec.labels[label::slug] = slug;
    spec.labels[label::number] = "1";
    spec.labels[label::image] = spec.imageId;
    spec.restart = {};
    spec.autoRemove = flags.remove;
    spec.openStdin = flags.interactive;
    // Docker Compose gives a terminal where it has one itself.
    spec.tty = !flags.noTty && !flags.detach && ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
    spec.attachStdin = flags.interactive && !flags.detach;
    spec.attachStdout = spec.attachStderr = !flags.detach;
    spec.stdinOnce = spec.attachStdin;
    return spec;
}

/// The conditions under which the service starts.
void awaitDependencies(Context& context, const Converged& converged) {
    const std::vector<Container> containers = containersOf(context.engine(), converged.project.name);
    for (const auto& [name, dependency] : converged.oneOff->dependsOn) {
        if (dependency.condition == compose::Condition::Started || !converged.desired.services.contains(name)) continue;
        std::vector<std::string> ids;
        for (const Container& container : containers)
            if (serviceOf(container) == name && !isOneOff(container)) ids.push_back(container.id);
        try {
            awaitCondition(context.engine(), name, ids, dependency.condition);
        } catch (Error& error) {
            if (dependency.required) throw error.during("dependency failed to start");
            reportLine("", fmt::format("optional dependency {} failed to start: {}", name, error.what()));
        }
    }
}

/// Hooks of a one-off container run beside its program, in a thread that leaves signals to the others.
class HooksBeside {
public:
    HooksBeside(Context& context, const Container& container, const std::vector<compose::Hook>& hooks) {
        if (hooks.empty()) return;
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        work_ = std::make_unique<Background>([&context, container, hooks] {
            runHooks(context.engine(), container, hooks, [](const std::string& source, std::string_view line) {
                std::fprintf(stderr, "%s | %s\n", source.c_str(), escapeControls(line).c_str());
            });
        });
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }

    /// Throws what went wrong in them.
    void finish() {
        if (!work_) return;
        work_->join();
        if (work_->failure()) std::rethrow_exception(work_->failure());
    }

private:
    std::unique_ptr<Background> work_;
};

void run(Context& context, const RunFlags& flags) {
    ConvergeOptions options;
    options.services = {flags.words.front()};
    options.dependencies = !flags.noDependencies;
    options.oneOff = flags.words.front();
    options.images = flags.images.options(context);
    options.plan.removeOrphans = flags.removeOrphans;
    options.quiet = flags.quiet;
    if (flags.quiet) options.images.progress = options.images.building.progress = ProgressMode::Quiet;
    const Converged converged = converge(context, options);
    const std::string slug = engine::randomHex(6);
    if (onlySaid(context, nameOf(flags, converged, slug), "Creating", "Started")) return;
    awaitDependencies(context, converged);
    const Container container = context.engine().containers().create(specOf(flags, converged, slug));
    const auto start = [&](const engine::Attachment* attachment) {
        try {
            startOrRemove(context, container, attachment);
        } catch (Error& error) {
            error.status(1);  // 126 and 127 are for `container run`
            throw;
        }
    };
    const std::vector<compose::Hook>& hooks = converged.project.services.at(flags.words.front()).postStart;
    if (flags.detach) {
        start(nullptr);
        HooksBeside(context, container, hooks).finish();
        return out(container.id + "\n");
    }
    engine::Attachment attachment = engine::Attachment::beforeStart(container.spec.attachStdin, container.spec.tty);
    start(&attachment);
    HooksBeside beside(context, container, hooks);
    if (const auto status = attachment.run(context.engine().host(), container.id, !container.spec.tty, {})) context.status = *status;
    beside.finish();
}

}  // namespace

void addRun(CLI::App& parent, Context& context) {
    const auto flags = std::make_shared<RunFlags>();
    CLI::App* command = parent.add_subcommand("run", "Run a one-off command on a service");
    command->add_flag("-d,--detach", flags->detach, "Run container in background and print container ID");
    command->add_flag("--rm", flags->remove, "Automatically remove the container when it exits");
    addList(*command, "-e,--env", flags->environment, "Set environment variables");
    addList(*command, "--env-from-file", flags->environmentFiles, "Set environment variables from file");
    addList(*command, "-l,--label", flags->labels, "Add or override a label");
    addList(*command, "-p,--publish", flags->publish, "Publish a container's port(s) to the host");
    command->add_flag("-P,--service-ports", flags->servicePorts, "Run command with all service's ports enabled and mapped to the host");
    addList(*command, "-v,--volume", flags->volumes, "Bind mount a volume");
    command->add_option("-u,--user", flags->user, "Run as specified username or uid");
    command->add_option("-w,--workdir", flags->workdir, "Working directory inside the container");
    command->add_option("--name", flags->name, "Assign a name to the container");
    flags->entrypointGiven = command->add_option("--entrypoint", flags->entrypoint, "Override the entrypoint of the image");
    command->add_flag("--no-deps", flags->noDependencies, "Don't start linked services");
    command->add_flag("-T,--no-tty,--no-TTY", flags->noTty, "Disable pseudo-TTY allocation");
    command->add_flag("-t,--tty", flags->tty, "Allocate a pseudo-TTY")->group("");
    command->add_flag("-i,--interactive,!--no-interactive", flags->interactive, "Keep STDIN open even if not attached");
    flags->images.addTo(*command);
    command->add_flag("-q,--quiet", flags->quiet, "Don't print anything to STDOUT");
    addList(*command, "--cap-add", flags->capAdd, "Add Linux capabilities");
    addList(*command, "--cap-drop", flags->capDrop, "Drop Linux capabilities");
    command->add_flag("--use-aliases", flags->useAliases, "Use the service's network useAliases in the network(s) the container connects to");
    command->add_flag("--remove-orphans", flags->removeOrphans, "Remove containers for services not defined in the compose file");
    addProgram(*command, flags->words, "service", "Service, command and its arguments");
    command->get_option("service")->required();
    command->callback([flags, &context] { run(context, *flags); });
}

}  // namespace devc::app
