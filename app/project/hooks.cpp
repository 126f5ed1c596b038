#include "app/project/hooks.h"

#include <algorithm>

#include "app/project/follow.h"
#include "app/project/labels.h"
#include "app/project/observe.h"
#include "app/project/service_spec.h"
#include "engine/engine.h"
#include "engine/error.h"

namespace devc::app {
namespace {

using engine::Error;

/// Cuts text that comes in pieces into lines.
class Lines {
public:
    Lines(std::string source, const HookOutput& output) : source_(std::move(source)), output_(output) {}

    void add(std::string_view text) {
        for (std::size_t newline; (newline = text.find('\n')) != std::string_view::npos; text.remove_prefix(newline + 1)) {
            partial_.append(text.substr(0, newline));
            flush();
        }
        partial_.append(text);
        // A line without end must not fill the memory.
        constexpr std::size_t longest = 1U << 20U;
        if (partial_.size() > longest) flush();
    }

    void finish() {
        if (!partial_.empty()) flush();
    }

private:
    void flush() {
        output_(source_, partial_);
        partial_.clear();
    }

    std::string source_, partial_;
    const HookOutput& output_;
};

}  // namespace

bool ServiceHooks::hasPreStart(bool perReplica) const {
    return std::any_of(preStart.begin(), preStart.end(), [&](const PreStart& hook) { return hook.perReplica == perReplica; });
}

Hooks hooksOf(const compose::Project& project, const std::string& separator) {
    Hooks hooks;
    for (const auto* services : {&project.services, &project.disabledServices})
        for (const auto& [name, service] : *services) {
            if (service.preStart.empty() && service.postStart.empty() && service.preStop.empty()) continue;
            ServiceHooks& own = hooks[name] = {{}, service.postStart, service.preStop};
            for (std::size_t index = 0; index < service.preStart.size(); ++index)
                own.preStart.push_back({[&project, &service = service, index, separator] { return preStartSpecOf(project, service, index, separator); },
                                        service.preStart[index].perReplica});
        }
    return hooks;
}

engine::ExecSpec execOf(const compose::Hook& hook) {
    engine::ExecSpec spec;
    spec.command = hook.command;
    spec.user = hook.user;
    spec.privileged = hook.privileged;
    spec.workingDir = hook.workingDir;
    spec.interactive = false;
    for (const auto& [key, value] : hook.environment) spec.environment.push_back(value ? key + "=" + *value : key);
    return spec;
}

void runHooks(engine::Engine& engine, const engine::Container& container, const std::vector<compose::Hook>& hooks, const HookOutput& output) {
    for (const compose::Hook& hook : hooks) {
        Lines lines(shownName(container) + " ->", output);
        const int status = engine.containers().execCaptured(container.id, execOf(hook), [&](std::string_view text) { lines.add(text); });
        lines.finish();
        if (status != 0) throw Error::of("{} hook exited with status {}", serviceOf(container), status);
    }
}

namespace {

/// A container that goes with the scope.
class Temporary {
public:
    Temporary(engine::Containers& containers, engine::ContainerSpec spec) : containers_(containers) {
        // Those that a killed command left have done nothing that counts.
        engine::ContainerFilter same;
        for (const char* key : {label::project, label::service, label::oneOff, label::number, label::preStart}) same.labels[key] = spec.labels.at(key);
        for (const engine::Container& left : containers_.list(same)) containers_.remove(left.id, true, true);
        id_ = containers_.create(std::move(spec)).id;
    }
    ~Temporary() {
        try {
            containers_.remove(id_, true, true);
        } catch (const std::exception&) {
            // `down` takes it.
        }
    }
    Temporary(const Temporary&) = delete;
    Temporary& operator=(const Temporary&) = delete;

    const std::string& id() const { return id_; }

private:
    engine::Containers& containers_;
    std::string id_;
};

}  // namespace

void runPreStart(engine::Engine& engine, const engine::Container& container, const std::vector<PreStart>& hooks, bool perReplica,
                 const std::map<std::string, std::string>& images, const HookOutput& output) {
    engine::Containers& containers = engine.containers();
    for (std::size_t index = 0; index < hooks.size(); ++index) {
        if (hooks[index].perReplica != perReplica) continue;
        engine::ContainerSpec spec = hooks[index].spec();
        spec.labels[label::number] = std::to_string(perReplica ? numberOf(container) : 1);
        if (perReplica) spec.name.insert(spec.name.rfind("pre_start"), spec.labels[label::number] + "-");
        const auto image = images.find(spec.image);
        spec.imageId = image != images.end() ? image->second : engine.images().get(spec.image).id;
        spec.volumesFrom = {container.id};
        const Temporary temporary(containers, std::move(spec));
        const std::string source = fmt::format("{} pre_start[{}]", serviceOf(container), index);
        containers.start(temporary.id());
        Lines lines(source + " ->", output);
        engine::LogQuery toTheEnd;
        toTheEnd.follow = true;
        containers.logs(temporary.id(), toTheEnd, [&](const engine::LogLine& line) {
            lines.add(line.text);
            return true;
        });
        lines.finish();
        if (const int status = containers.wait(temporary.id()); status != 0)
            throw Error::of("service \"{}\" {} exited with code {}", serviceOf(container), source.substr(source.find(' ') + 1), status);
    }
}

}  // namespace devc::app
