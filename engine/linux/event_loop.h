#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "engine/linux/fd.h"

namespace devc::engine {

/// Waits for descriptors (epoll) and calls back, in one thread.
class EventLoop {
public:
    using Callback = std::function<void(std::uint32_t events)>;  ///< EPOLL* flags

    EventLoop();
    void add(int descriptor, std::uint32_t events, Callback callback);
    void change(int descriptor, std::uint32_t events);
    /// Also from within a callback, its own included. Before the descriptor is closed.
    void remove(int descriptor);
    /// Until stop().
    void run();
    void stop() { stopped_ = true; }

private:
    Fd epoll_;
    bool stopped_ = false;
    std::map<int, std::shared_ptr<Callback>> callbacks_;
};

/// Calls back once after a time (timerfd), unless it is set again or cleared before.
class Timer {
public:
    Timer(EventLoop& loop, std::function<void()> callback);
    ~Timer();
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    void set(std::chrono::nanoseconds after);
    void clear();

private:
    EventLoop& loop_;
    Fd timer_;
};

}  // namespace devc::engine
