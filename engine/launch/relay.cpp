#include "engine/launch/relay.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <poll.h>
#include <unistd.h>
#include <vector>

#include "engine/error.h"
#include "engine/linux/process.h"

namespace devc::engine {

namespace {

constexpr size_t chunkSize = 65536;
constexpr int mostAtTheEnd = 1024;  ///< reads and writes: more than a pipe or a terminal can hold

bool isReady(int descriptor, short events) {
    pollfd one{descriptor, events, 0};
    return ::poll(&one, 1, 0) > 0;
}

}  // namespace

void Relay::add(Flow flow) { flows_.push_back({std::move(flow), {}, 0, false, false}); }

void Relay::watch(int descriptor, std::function<bool()> readable) { watched_.push_back({descriptor, std::move(readable)}); }

void Relay::unwatch(int descriptor) {
    for (Watched& one : watched_) {
        if (one.descriptor == descriptor) one.descriptor = -1;  // poll passes over it
    }
}

bool Relay::awaits() const {
    return std::any_of(flows_.begin(), flows_.end(), [](const Running& r) { return r.flow.awaited && !r.over; });
}

void Relay::run(Until until) {
    std::vector<pollfd> waiting;
    std::vector<std::function<bool()>> actions;
    while ((until == Until::Told || awaits()) && !broken_) {
        waiting.clear();
        actions.clear();
        auto wait = [&](int descriptor, short events, std::function<bool()> action) {
            waiting.push_back({descriptor, events, 0});
            actions.push_back(std::move(action));
        };
        for (Running& running : flows_) {
            if (running.over) continue;
            if (running.pending.empty()) wait(running.flow.from, POLLIN, [&] { return take(running); });
            else wait(running.flow.to, POLLOUT, [&] { return deliver(running), true; });
        }
        for (Watched& one : watched_) wait(one.descriptor, POLLIN, [&] { return one.readable(); });
        if (::poll(waiting.data(), waiting.size(), -1) < 0) {
            if (errno == EINTR) continue;
            throw SystemError("wait for input and output", errno);
        }
        for (size_t i = 0; i < waiting.size(); ++i) {
            if (waiting[i].revents && !actions[i]()) return;
        }
    }
}

bool Relay::take(Running& running) {
    char chunk[chunkSize];
    ssize_t got = ::read(running.flow.from, chunk, sizeof chunk);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    bool goesOn = true;
    if (got <= 0) {
        // EIO: the last process that had the terminal open has closed it.
        running.atEnd = true;
    } else {
        running.pending.assign(chunk, static_cast<size_t>(got));
        if (running.flow.filter) goesOn = running.flow.filter(running.pending);
    }
    deliver(running);
    return goesOn;
}

void Relay::deliver(Running& running) {
    // Into a pipe that is reported writable this much goes without blocking.
    while (!running.pending.empty() && isReady(running.flow.to, POLLOUT)) {
        size_t left = running.pending.size() - running.delivered;
        ssize_t put = ::write(running.flow.to, running.pending.data() + running.delivered, std::min<size_t>(left, PIPE_BUF));
        if (put < 0 && errno == EINTR) continue;
        if (put < 0 && errno == EAGAIN) return;
        if (put < 0) {
            broken_ = broken_ || (running.flow.awaited && errno == EPIPE);
            running.atEnd = true;
        } else if (running.delivered += static_cast<size_t>(put); running.delivered < running.pending.size()) {
            continue;
        }
        running.pending.clear();
        running.delivered = 0;
    }
    if (!running.atEnd || !running.pending.empty() || running.over) return;
    running.over = true;
    if (running.flow.ended) running.flow.ended();
}

void Relay::drain() {
    for (Running& running : flows_) {
        if (!running.flow.awaited) continue;
        // Who else has the other end may write for ever.
        for (int rounds = 0; !running.over && rounds < mostAtTheEnd; ++rounds) {
            if (!running.pending.empty()) {
                pollfd target{running.flow.to, POLLOUT, 0};
                if (::poll(&target, 1, -1) < 0 && errno != EINTR) return;
                deliver(running);
            } else if (isReady(running.flow.from, POLLIN)) {
                take(running);
            } else {
                break;
            }
        }
    }
}

}  // namespace devc::engine
