#pragma once
#include <functional>
#include <list>
#include <string>

#include "engine/linux/event_loop.h"
#include "engine/linux/fd.h"
#include "engine/monitor/container_log.h"

namespace devc::engine {

/// One output of the container on its way to the log and to whoever is attached. An attached reader that does not keep up
/// holds the container back, as docker does, and so does a log that is full; one that went away is forgotten.
class OutputStream {
public:
    /// `number` 0: stdout (or the terminal), 1: stderr.
    OutputStream(EventLoop& loop, ContainerLog& log, int number) : loop_(loop), log_(log), number_(number) {}
    ~OutputStream();

    /// Reads from here on; non-blocking.
    void setSource(Fd source);
    /// Sends it what comes from now on.
    void attach(Fd sink);
    /// The container has ended: what still lies in the pipe is taken, then the source is closed.
    void drain();
    bool hasPending() const;
    /// The log has room again.
    void resume() { listen(); }
    /// Tells readers that nothing more comes.
    void closeSinks();
    /// Called whenever a sink has taken all that was pending.
    std::function<void()> onFlushed;

private:
    struct Sink {
        Fd descriptor;
        std::string pending;
        bool waiting = false;
    };

    bool readOnce();
    void deliver(Sink& sink, std::string_view data);
    void flush(int descriptor);
    void drop(std::list<Sink>::iterator sink);
    void listen();
    void closeSource();

    EventLoop& loop_;
    ContainerLog& log_;
    int number_;
    Fd source_;
    bool listening_ = false;
    std::list<Sink> sinks_;
};

/// What is typed by whoever is attached on its way into the container.
class InputStream {
public:
    InputStream(EventLoop& loop, bool closeAtEnd) : loop_(loop), closeAtEnd_(closeAtEnd) {}
    ~InputStream();

    void setTarget(Fd target);
    void attach(Fd source);
    void closeTarget();

private:
    void read(int descriptor);
    void flush();
    void listen(bool on);
    void remove(int descriptor);

    EventLoop& loop_;
    bool closeAtEnd_, ended_ = false;
    Fd target_;
    bool waiting_ = false;
    std::string pending_;
    std::list<Fd> sources_;
};

}  // namespace devc::engine
