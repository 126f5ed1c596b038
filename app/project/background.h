#pragma once
#include <exception>
#include <functional>
#include <thread>

#include "engine/linux/wakeup.h"

namespace devc::app {

/// Work in a thread of its own, whose end a poll(2) loop can wait for.
class Background {
public:
    explicit Background(std::function<void()> work);
    /// Waits for the end.
    ~Background() { join(); }
    Background(const Background&) = delete;

    /// Readable when the work has ended.
    int descriptor() const { return done_.descriptor(); }
    void join();
    /// What the work threw, once it has ended.
    std::exception_ptr failure() const { return failure_; }

private:
    engine::Wakeup done_;
    std::exception_ptr failure_;
    std::thread thread_;
};

}  // namespace devc::app
