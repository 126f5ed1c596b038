#include "engine/monitor/hooks.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/linux/fd.h"
#include "engine/linux/memory_file.h"
#include "engine/linux/process.h"

namespace devc::engine {

namespace {

std::vector<char*> pointersTo(const std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
    pointers.push_back(nullptr);
    return pointers;
}

[[noreturn]] void become(const RuntimeHook& hook, int in, int out) {
    std::vector<std::string> arguments = hook.arguments;
    if (arguments.empty()) arguments = {hook.path};
    ::dup2(in, STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    resetSignals();
    ::execve(hook.path.c_str(), pointersTo(arguments).data(), pointersTo(hook.environment).data());
    ::_exit(127);
}

void run(const char* kind, const RuntimeHook& hook, const std::string& state) {
    Fd in = memoryFile("devc-hook", state), out = memoryFile("devc-hook", "");
    Child child = cloneProcess(0);
    if (child.pid == 0) become(hook, in.get(), out.get());
    const int patience = hook.timeout > 0 ? static_cast<int>(hook.timeout * 1000) : -1;
    const bool late = !waitReadable(child.pidfd.get(), patience);
    if (late) signalPidfd(child.pidfd.get(), SIGKILL);
    const ExitStatus status = waitFor(child.pid);
    if (late) throw Error::of("hook {} {} took longer than {} s", kind, hook.path, hook.timeout).status(125);
    if (status.number() == 0) return;
    char said[1024] = {};
    const ssize_t size = ::pread(out.get(), said, sizeof said - 1, 0);
    Error error = Error::of("hook {} {} ended with status {}", kind, hook.path, status.number());
    if (size > 0) error.detail(said);
    throw error.status(125);
}

}  // namespace

std::string hookState(const std::string& id, const char* status, pid_t pid, const std::string& bundle, const std::map<std::string, std::string>& annotations) {
    const nlohmann::json state = {{"ociVersion", "1.1.0"}, {"id", id}, {"status", status}, {"pid", pid}, {"bundle", bundle}, {"annotations", annotations}};
    return state.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void runHooks(const char* kind, const RuntimeConfig& config, const std::string& state) {
    const auto hooks = config.hooks.find(kind);
    if (hooks == config.hooks.end()) return;
    for (const RuntimeHook& hook : hooks->second) run(kind, hook, state);
}

std::vector<std::string> runLastHooks(const RuntimeConfig& config, const std::string& state) {
    std::vector<std::string> failures;
    const auto hooks = config.hooks.find("poststop");
    if (hooks == config.hooks.end()) return failures;
    for (const RuntimeHook& hook : hooks->second) {
        try {
            run("poststop", hook, state);
        } catch (const Error& error) {
            failures.push_back(error.what());
        }
    }
    return failures;
}

}  // namespace devc::engine
