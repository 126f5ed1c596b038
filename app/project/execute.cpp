#include "app/project/execute.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "app/project/await.h"
#include "app/project/labels.h"
#include "app/project/scheduler.h"
#include "app/project/timing.h"
#include "app/ui/progress.h"
#include "app/ui/table.h"
#include "engine/engine.h"
#include "engine/error.h"

namespace devc::app {
namespace {

using engine::Error;

/// More threads than this only queue for the kernel's locks (network set-up holds one).
constexpr unsigned usefulWorkers = 4;

class Executor {
public:
    Executor(engine::Engine& engine, const ActionGraph& graph, const DesiredProject* desired, Progress& progress, const ExecuteOptions& options)
        : engine_(engine), graph_(graph), desired_(desired), progress_(progress), options_(options) {}

    void run() {
        std::vector<Task> tasks;
        for (const Action& action : graph_.actions) tasks.push_back({action.after, waits(action)});
        const unsigned limit = options_.parallel > 0 ? static_cast<unsigned>(options_.parallel) : usefulWorkers;
        const auto workers = static_cast<unsigned>(std::min<std::size_t>(limit, tasks.size()));
        const std::size_t first = options_.stopwatch != nullptr ? options_.stopwatch->expect(graph_) : 0;
        runTasks(tasks, workers, [this, first](std::size_t index) {
            if (options_.stopwatch != nullptr) options_.stopwatch->begin(first + index);
            try {
                perform(graph_.actions[index]);
            } catch (Error& error) {
                error.status(1);  // 126 and 127 are what one program says
                throw;
            }
            if (options_.stopwatch != nullptr) options_.stopwatch->end(first + index);
        });
    }

private:
    /// Whether the step only waits for others, so that it is worth a thread of its own.
    bool waits(const Action& action) const {
        if (action.step == Step::Await || action.step == Step::StopContainer) return true;
        if (action.step == Step::RunPreStart) return true;
        return action.step == Step::StartContainer && (!hooksOf(action).postStart.empty() || hooksOf(action).hasPreStart(true));
    }

    void perform(const Action& action) {
        switch (action.step) {
            case Step::CreateNetwork: return createNetwork(action);
            case Step::RemoveNetwork: return removeNetwork(action);
            case Step::CreateVolume: return createVolume(action);
            case Step::RemoveVolume: return removeVolume(action);
            case Step::CreateContainer: return createContainer(action);
            case Step::StopContainer: return stopContainer(action);
            case Step::RemoveContainers: return removeContainers(action);
            case Step::PrepareStart: return prepareStart(action);
            case Step::RunPreStart: return runPreStart(action);
            case Step::StartContainer: return startContainer(action);
            case Step::Await: return await(action);
        }
    }

    /// Shows the thing before and after `work`, and as failed if that throws.
    template <typename Work>
    void show(const std::string& thing, const char* before, const char* after, const Work& work) {
        progress_.working(thing, before);
        if (!options_.dryRun) {
            try {
                work();
            } catch (Error& error) {
                progress_.event({thing, "Error", ProgressState::Error, {}, error.what()});
                throw;
            }
        }
        progress_.done(thing, after);
    }

    void createNetwork(const Action& action) {
        show("Network " + action.subject, "Creating", "Created", [&] { engine_.networks().create(desired_->networks.at(action.key).spec); });
    }

    void removeNetwork(const Action& action) {
        const std::string thing = "Network " + action.subject;
        progress_.working(thing, "Removing");
        try {
            if (!options_.dryRun) engine_.networks().remove(action.id);
            progress_.done(thing, "Removed");
        } catch (const engine::Conflict&) {
            // Containers of others may use it: what is not ours to end keeps what it needs.
            progress_.event({thing, "Resource is still in use", ProgressState::Warning});
        } catch (const engine::NotFound&) {
            progress_.done(thing, "Removed");
        }
    }

    void createVolume(const Action& action) {
        show("Volume " + action.subject, "Creating", "Created", [&] { engine_.volumes().create(desired_->volumes.at(action.key).spec); });
    }

    void removeVolume(const Action& action) {
        const std::string thing = "Volume " + action.subject;
        progress_.working(thing, "Removing");
        try {
            if (!options_.dryRun) engine_.volumes().remove(action.subject, false);
            progress_.done(thing, "Removed");
        } catch (const engine::Conflict&) {
            progress_.event({thing, "Resource is still in use", ProgressState::Warning});
        } catch (const engine::NotFound&) {
            progress_.done(thing, "Removed");
        }
    }

    engine::ContainerSpec specOf(const Action& action) {
        const DesiredService& service = desired_->services.at(action.service);
        engine::ContainerSpec spec = service.spec;
        spec.name = action.subject;
        if (const auto image = options_.images.find(service.image); image != options_.images.end()) spec.imageId = image->second;
        spec.labels[label::number] = std::to_string(action.number);
        spec.labels[label::image] = spec.imageId;
        inherit(spec, action.inherits);
        return spec;
    }

    /// Anonymous volumes of the predecessor, where the service or its image still asks for one.
    void inherit(engine::ContainerSpec& spec, const std::map<std::string, std::string>& volumes) {
        if (volumes.empty()) return;
        const engine::Image image = engine_.images().get(spec.imageId.empty() ? spec.image : spec.imageId);
        for (const auto& [target, volume] : volumes) {
            const auto mount = std::find_if(spec.mounts.begin(), spec.mounts.end(), [&place = target](const engine::MountSpec& m) { return m.target == place; });
            if (mount != spec.mounts.end()) {
                if (mount->type == engine::MountType::Volume && mount->source.empty()) mount->source = volume;
                continue;
            }
            if (std::find(image.config.volumes.begin(), image.config.volumes.end(), target) == image.config.volumes.end()) continue;
            engine::MountSpec inherited;
            inherited.source = volume;
            inherited.target = target;
            spec.mounts.push_back(std::move(inherited));
        }
    }

    void createContainer(const Action& action) {
        const bool again = !action.replaces.empty();
        show("Container " + action.subject, again ? "Recreate" : "Creating", again ? "Recreated" : "Created", [&] {
            if (again) replace(action);
            else engine_.containers().create(specOf(action));
        });
    }

    /// The old container makes room for the name, and goes when the new one exists.
    void replace(const Action& action) {
        const engine::Container old = engine_.containers().find(action.replaces);
        const std::string aside = old.id.substr(0, 12) + "_" + action.subject;
        if (old.name != aside) engine_.containers().rename(old.id, aside);
        try {
            engine_.containers().create(specOf(action));
        } catch (...) {
            if (old.name != aside) engine_.containers().rename(old.id, old.name);
            throw;
        }
        engine_.containers().remove(old.id, true, false);
    }

    void stopContainer(const Action& action) {
        show("Container " + action.subject, "Stopping", "Stopped", [&] {
            try {
                runHooks(action, action.id, &ServiceHooks::preStop);
                engine_.containers().stop(action.id, action.timeout, {}, engine::After::CallerSettles);
                settle(action.id);
            } catch (const engine::NotFound&) {
                // It removed itself when it ended (--rm).
            }
        });
    }

    /// Frees the ports and names of what has ended: whoever comes first does it for those that end meanwhile, too.
    void settle(const std::string& id) {
        std::unique_lock lock(mutex_);
        ended_.push_back(id);
        if (settling_) return;
        settling_ = true;
        while (!ended_.empty()) {
            const std::vector<std::string> batch = std::exchange(ended_, {});
            lock.unlock();
            try {
                engine_.containers().settle(batch);
            } catch (const Error& error) {
                progress_.message(fmt::format("warning: ports and names of what has ended are freed by the next command: {}", error.what()));
            }
            lock.lock();
        }
        settling_ = false;
    }

    void removeContainers(const Action& action) {
        for (const std::string& name : action.names) progress_.working("Container " + name, "Removing");
        if (!options_.dryRun) engine_.containers().removeAll(action.containers, true, action.removeVolumes);
        for (const std::string& name : action.names) progress_.done("Container " + name, "Removed");
    }

    void prepareStart(const Action& action) {
        if (options_.dryRun) return;
        std::vector<std::string> ids;
        for (const std::string& nameOrId : action.containers) ids.push_back(engine_.containers().find(nameOrId).id);
        engine_.containers().prepareStart(ids);
    }

    void startContainer(const Action& action) {
        try {
            show("Container " + action.subject, "Starting", "Started", [&] {
                const std::string id = action.id.empty() ? engine_.containers().find(action.subject).id : action.id;
                runPreStart(action, id, true);
                for (const std::string& warning : engine_.containers().start(id)) progress_.message(fmt::format("warning: {}: {}", action.subject, warning));
                if (options_.started) options_.started(id, action.subject, action.service);
                runHooks(action, id, &ServiceHooks::postStart);
            });
        } catch (Error& error) {
            error.during("cannot start container {}", action.subject);
            throw;
        }
    }

    void runPreStart(const Action& action) {
        if (!hooksOf(action).hasPreStart(false)) return;
        show("Service " + action.service, "Preparing", "Prepared", [&] { runPreStart(action, action.containers.front(), false); });
    }

    void runPreStart(const Action& action, const std::string& nameOrId, bool perReplica) {
        if (!hooksOf(action).hasPreStart(perReplica)) return;
        app::runPreStart(engine_, engine_.containers().find(nameOrId), hooksOf(action).preStart, perReplica, options_.images, hookOutput());
    }

    const ServiceHooks& hooksOf(const Action& action) const {
        static const ServiceHooks none;
        const auto found = options_.hooks.find(action.service);
        return found == options_.hooks.end() ? none : found->second;
    }

    HookOutput hookOutput() {
        if (options_.hookOutput) return options_.hookOutput;
        return [this](const std::string& source, std::string_view line) { progress_.message(fmt::format("{} | {}", source, escapeControls(line))); };
    }

    void runHooks(const Action& action, const std::string& id, std::vector<compose::Hook> ServiceHooks::* kind) {
        const std::vector<compose::Hook>& hooks = hooksOf(action).*kind;
        if (hooks.empty()) return;
        const engine::Container container = engine_.containers().find(id);
        // One that has ended by itself, waits for its restart or is paused runs nothing.
        if (kind == &ServiceHooks::preStop && container.state.status != engine::Status::Running) return;
        app::runHooks(engine_, container, hooks, hookOutput());
    }

    void await(const Action& action) {
        for (const std::string& name : action.names) progress_.working("Container " + name, "Waiting");
        try {
            if (!options_.dryRun) awaitCondition(engine_, action.service, action.containers, action.condition);
        } catch (Error& error) {
            for (const std::string& name : action.names) progress_.event({"Container " + name, "Error", ProgressState::Error, {}, error.what()});
            if (action.required) throw error.during("dependency failed to start");
            progress_.message(fmt::format("optional dependency {} failed to start: {}", action.service, error.what()));
            return;
        }
        const char* word = action.condition == compose::Condition::Healthy ? "Healthy" : "Exited";
        for (const std::string& name : action.names) progress_.done("Container " + name, word);
    }

    engine::Engine& engine_;
    const ActionGraph& graph_;
    const DesiredProject* desired_;
    Progress& progress_;
    const ExecuteOptions& options_;
    std::mutex mutex_;
    std::vector<std::string> ended_;  ///< not settled yet
    bool settling_ = false;
};

}  // namespace

void execute(engine::Engine& engine, const ActionGraph& graph, const DesiredProject* desired, Progress& progress, const ExecuteOptions& options) {
    for (const std::string& warning : graph.warnings) progress.message("warning: " + warning);
    for (const std::string& name : graph.kept) progress.done("Container " + name, "Running");
    Executor(engine, graph, desired, progress, options).run();
}

}  // namespace devc::app
