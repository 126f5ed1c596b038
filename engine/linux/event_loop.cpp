#include "engine/linux/event_loop.h"

#include <algorithm>
#include <cerrno>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "engine/error.h"

namespace devc::engine {

EventLoop::EventLoop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (!epoll_) throw SystemError("wait for events", errno);
}

void EventLoop::add(int descriptor, std::uint32_t events, Callback callback) {
    epoll_event event{};
    event.events = events;
    event.data.fd = descriptor;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0) throw SystemError("wait for a descriptor", errno);
    callbacks_[descriptor] = std::make_shared<Callback>(std::move(callback));
}

void EventLoop::change(int descriptor, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = descriptor;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, descriptor, &event) != 0) throw SystemError("wait for a descriptor", errno);
}

void EventLoop::remove(int descriptor) {
    if (callbacks_.erase(descriptor)) ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
}

void EventLoop::run() {
    for (stopped_ = false; !stopped_;) {
        epoll_event events[16];
        int count = ::epoll_wait(epoll_.get(), events, 16, -1);
        if (count < 0 && errno != EINTR) throw SystemError("wait for events", errno);
        for (int i = 0; i < count && !stopped_; ++i) {
            // Held: the callback may remove itself, or have been removed by one before it in this round.
            auto found = callbacks_.find(events[i].data.fd);
            if (found == callbacks_.end()) continue;
            std::shared_ptr<Callback> callback = found->second;
            (*callback)(events[i].events);
        }
    }
}

Timer::Timer(EventLoop& loop, std::function<void()> callback)
    : loop_(loop), timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) {
    if (!timer_) throw SystemError("make a timer", errno);
    loop_.add(timer_.get(), EPOLLIN, [this, callback = std::move(callback)](std::uint32_t) {
        std::uint64_t times;
        // Nothing to read: it was set again or cleared after it had fired.
        if (::read(timer_.get(), &times, sizeof times) == sizeof times) callback();
    });
}

Timer::~Timer() { loop_.remove(timer_.get()); }

void Timer::set(std::chrono::nanoseconds after) {
    auto nanoseconds = std::max<std::int64_t>(after.count(), 1);  // 0 would disarm it
    itimerspec when{};
    when.it_value.tv_sec = nanoseconds / 1'000'000'000;
    when.it_value.tv_nsec = nanoseconds % 1'000'000'000;
    ::timerfd_settime(timer_.get(), 0, &when, nullptr);
}

void Timer::clear() {
    itimerspec never{};
    ::timerfd_settime(timer_.get(), 0, &never, nullptr);
}

}  // namespace devc::engine
