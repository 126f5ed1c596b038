#include "app/project/hooks.h"

#include "app/project/follow.h"
#include "app/project/observe.h"
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

Hooks hooksOf(const compose::Project& project) {
    Hooks hooks;
    for (const auto* services : {&project.services, &project.disabledServices})
        for (const auto& [name, service] : *services)
            if (!service.postStart.empty() || !service.preStop.empty()) hooks[name] = {service.postStart, service.preStop};
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

}  // namespace devc::app
