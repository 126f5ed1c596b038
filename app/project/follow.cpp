#include "app/project/follow.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "app/project/labels.h"
#include "app/project/observe.h"
#include "engine/engine.h"
#include "engine/error.h"

namespace devc::app {

std::string shownName(const engine::Container& container) {
    const std::string project = labelOf(container, label::project);
    if (project.empty() || container.name.size() <= project.size() + 1) return container.name;
    const std::string rest = container.name.substr(project.size() + 1);
    if (!container.name.starts_with(project) || !rest.starts_with(serviceOf(container))) return container.name;
    return rest;
}

Followers::Followers(engine::Engine& engine, LogPrinter& printer)
    : engine_(engine), printer_(printer), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (wake_.get() < 0) throw engine::SystemError("eventfd", errno);
}

Followers::~Followers() {
    for (std::thread& thread : threads_) thread.join();
}

void Followers::follow(const engine::Container& container, const engine::LogQuery& query, bool print, bool announce) {
    const std::lock_guard guard(mutex_);
    if (print) printer_.add(shownName(container));
    ++open_;
    threads_.emplace_back([this, container, query, print, announce] { run(container, query, print, announce); });
}

void Followers::run(const engine::Container& container, const engine::LogQuery& query, bool print, bool announce) {
    const std::string name = shownName(container);
    Ended end{container.id, name, serviceOf(container), 0};
    try {
        if (print)
            engine_.containers().logs(container.id, query, [&](const engine::LogLine& line) {
                printer_.write(name, line.text, line.stderr_, line.time);
                return printer_.alive();
            });
        end.exitCode = engine::waitForExit(engine_.host(), container.id).exitCode;
        printer_.finish(name);
        if (announce) printer_.status(name, fmt::format("exited with code {}", end.exitCode));
    } catch (const engine::NotFound&) {
        // It was removed meanwhile: there is no more to say.
    } catch (const engine::Error& error) {
        printer_.status(name, error.what());
        // Without a readable log its end still counts.
        if (print) end.exitCode = engine::waitForExit(engine_.host(), container.id).exitCode;
    }
    const std::lock_guard guard(mutex_);
    ended_.push_back(std::move(end));
    --open_;
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
}

std::optional<Followers::Ended> Followers::take() {
    const std::lock_guard guard(mutex_);
    if (ended_.empty()) {
        std::uint64_t count = 0;
        [[maybe_unused]] const ssize_t length = ::read(wake_.get(), &count, sizeof count);
        return std::nullopt;
    }
    Ended result = std::move(ended_.front());
    ended_.pop_front();
    return result;
}

std::size_t Followers::open() const {
    const std::lock_guard guard(mutex_);
    return open_;
}

}  // namespace devc::app
