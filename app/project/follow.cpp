#include "app/project/follow.h"

#include "app/project/labels.h"
#include "app/project/observe.h"
#include "engine/engine.h"
#include "engine/error.h"
#include "engine/timestamp.h"

namespace devc::app {

std::string shownName(const engine::Container& container) {
    const std::string project = labelOf(container, label::project);
    if (project.empty() || container.name.size() <= project.size() + 1) return container.name;
    const std::string rest = container.name.substr(project.size() + 1);
    if (!container.name.starts_with(project) || !rest.starts_with(serviceOf(container))) return container.name;
    return rest;
}

Followers::Followers(engine::Engine& engine, LogPrinter& printer) : engine_(engine), printer_(printer) {}

Followers::~Followers() {
    for (std::thread& thread : threads_) thread.join();
}

void Followers::follow(const engine::Container& container, const engine::LogQuery& query, bool print, bool announce) {
    const std::lock_guard guard(mutex_);
    Track& track = tracks_[container.id];
    track.again = track.open;
    if (track.open || track.done == container.state.startedAt) return;
    if (print) printer_.add(shownName(container));
    track.open = true;
    ++open_;
    Task task{container, query, print, announce};
    threads_.emplace_back([this, task = std::move(task)] { run(task); });
}

void Followers::run(Task task) {
    const std::string& id = task.container.id;
    std::string seen;
    {
        const std::lock_guard guard(mutex_);
        seen = tracks_[id].seen;
    }
    do {
        if (!seen.empty()) {
            task.query.tail.reset();
            task.query.since = seen;
        }
        followOnce(task, seen);
        task.announce = true;
        const std::lock_guard guard(mutex_);
        tracks_[id].seen = seen;
    } while (goesOn(id));
}

/// The run that is there now, to its end.
void Followers::followOnce(const Task& task, std::string& seen) {
    const std::string& id = task.container.id;
    const std::string name = shownName(task.container);
    const std::int64_t before = seen.empty() ? 0 : engine::parseMoment(seen, 0);
    bool fresh = seen.empty();
    Ended end{id, name, serviceOf(task.container), 0};
    std::string started;
    try {
        engine::LogQuery query = task.query;
        query.caughtUp = [this] { printer_.flush(); };
        if (task.print)
            engine_.containers().logs(id, query, [&](const engine::LogLine& line) {
                fresh = fresh || engine::parseMoment(std::string(line.time), 0) > before;
                if (!fresh) return true;
                seen = line.time;
                printer_.write(name, line.text, line.stderr_, line.time);
                return printer_.alive();
            });
        printer_.finish(name);
        const engine::ContainerState state = task.print ? engine::readState(engine_.host(), id) : engine::waitForExit(engine_.host(), id);
        // Started again at once: its next end is awaited, this one is not known any more.
        if (state.pid != 0 && printer_.alive()) return;
        end.exitCode = state.exitCode;
        started = state.startedAt;
        if (task.announce) printer_.status(name, fmt::format("exited with code {}", end.exitCode));
    } catch (const engine::NotFound&) {
        // It was removed meanwhile: there is no more to say.
    } catch (const engine::Error& error) {
        printer_.status(name, error.what());
        // Without a readable log its end still counts.
        if (task.print) end.exitCode = engine::waitForExit(engine_.host(), id).exitCode;
    }
    const std::lock_guard guard(mutex_);
    tracks_[id].done = started;
    ended_.push_back(std::move(end));
    wake_.raise();
}

/// Whether the container was started again since its end was seen.
bool Followers::goesOn(const std::string& id) {
    const engine::ContainerState state = engine::readState(engine_.host(), id);
    const std::lock_guard guard(mutex_);
    Track& track = tracks_[id];
    if (printer_.alive() && track.again && state.pid != 0 && state.startedAt != track.done) {
        track.again = false;
        return true;
    }
    track.open = track.again = false;
    --open_;
    wake_.raise();
    closed_.notify_all();
    return false;
}

void Followers::waitForAll() {
    std::unique_lock lock(mutex_);
    closed_.wait(lock, [this] { return open_ == 0; });
}

std::optional<Followers::Ended> Followers::take() {
    const std::lock_guard guard(mutex_);
    if (ended_.empty()) {
        wake_.clear();
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
