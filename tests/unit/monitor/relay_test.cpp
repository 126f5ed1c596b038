#include <doctest/doctest.h>

#include <atomic>
#include <fcntl.h>
#include <string>
#include <thread>
#include <unistd.h>

#include "engine/launch/caller_signals.h"
#include "engine/launch/relay.h"
#include "engine/linux/fd.h"

using namespace devc::engine;

namespace {

struct Pipe {
    Fd read, write;
    Pipe() {
        int ends[2];
        REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
        read = Fd(ends[0]);
        write = Fd(ends[1]);
    }
};

std::string readAll(int descriptor) {
    std::string text;
    char chunk[4096];
    for (ssize_t got; (got = ::read(descriptor, chunk, sizeof chunk)) > 0;) text.append(chunk, static_cast<size_t>(got));
    return text;
}

}  // namespace

TEST_CASE("more than a pipe holds comes through as it was") {
    Pipe from, to;
    std::string sent;
    for (int i = 0; sent.size() < 1 << 20; ++i) sent += std::to_string(i) + "\n";
    std::thread writer([&] {
        writeAll(from.write.get(), sent);
        from.write.reset();
    });
    std::string received;
    std::thread reader([&] { received = readAll(to.read.get()); });
    Relay relay;
    relay.add({.from = from.read.get(), .to = to.write.get(), .awaited = true, .filter = {}, .ended = [&] { to.write.reset(); }});
    relay.run();
    writer.join();
    reader.join();
    CHECK(received == sent);
}

TEST_CASE("a reader that goes away breaks an awaited flow") {
    CallerSignals signals;  // SIGPIPE is an error while it lives
    Pipe from, to;
    to.read.reset();
    writeAll(from.write.get(), "x");
    Relay relay;
    relay.add({.from = from.read.get(), .to = to.write.get(), .awaited = true, .filter = {}, .ended = {}});
    relay.run();
    CHECK(relay.isBroken());
}

TEST_CASE("what lies ready when a program ends is still delivered") {
    Pipe from, to;
    writeAll(from.write.get(), "last words");
    Relay relay;
    relay.add({.from = from.read.get(), .to = to.write.get(), .awaited = true, .filter = {}, .ended = {}});
    relay.drain();
    to.write.reset();
    CHECK(readAll(to.read.get()) == "last words");
}

TEST_CASE("draining ends although somebody goes on to write") {
    Pipe from;
    const Fd to = openFile("/dev/null", O_WRONLY);
    ::fcntl(from.write.get(), F_SETFL, O_NONBLOCK);
    std::atomic<bool> over = false;
    std::jthread writer([&] {
        const std::string flood(4096, 'x');
        while (!over) (void)!::write(from.write.get(), flood.data(), flood.size());
    });
    Relay relay;
    relay.add({.from = from.read.get(), .to = to.get(), .awaited = true, .filter = {}, .ended = {}});
    relay.drain();
    over = true;
}
