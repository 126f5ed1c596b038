#pragma once
#include <functional>
#include <list>
#include <string>

namespace devc::engine {

/// Copies bytes between descriptors that are not its own and may be files, pipes or terminals, blocking or not.
/// What cannot be delivered is held, and nothing more is read there until it is.
class Relay {
public:
    struct Flow {
        int from = -1, to = -1;
        bool awaited = false;                      ///< run() returns when all awaited flows have ended
        std::function<bool(std::string&)> filter;  ///< may change what was read; false: run() returns
        std::function<void()> ended;               ///< `from` has ended and all is delivered, or nobody takes it any more
    };
    void add(Flow flow);
    /// Calls back while the descriptor is readable or hung up; false from it: run() returns.
    void watch(int descriptor, std::function<bool()> readable);
    void unwatch(int descriptor);
    enum class Until { FlowsEnd, Told };
    /// Until all awaited flows have ended, one of them is broken, or a callback said so; with Until::Told not for the first.
    void run(Until until = Until::FlowsEnd);
    /// What lies ready in the awaited flows is delivered without waiting for more: their programs have ended.
    void drain();
    /// True if the reader of an awaited flow has gone (EPIPE).
    bool isBroken() const { return broken_; }

private:
    struct Running {
        Flow flow;
        std::string pending;
        size_t delivered = 0;  ///< of pending
        bool atEnd = false, over = false;
    };
    struct Watched {
        int descriptor;
        std::function<bool()> readable;
    };

    bool take(Running& running);
    void deliver(Running& running);
    bool awaits() const;

    std::list<Running> flows_;
    std::list<Watched> watched_;
    bool broken_ = false;
};

}  // namespace devc::engine
