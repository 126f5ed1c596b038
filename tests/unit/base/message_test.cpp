#include "engine/linux/message.h"

#include <fcntl.h>
#include <string>
#include <sys/socket.h>

#include <doctest/doctest.h>

using namespace devc::engine;

TEST_CASE("a message arrives whole, whatever its size, with its descriptors") {
    const auto [one, other] = messagePair();
    const Fd null = openFile("/dev/null", O_RDONLY);
    for (const std::size_t size : {1U, 65536U, 65537U, 150'000U}) {
        const std::string text = std::string(size - 1, 'x') + "y";
        REQUIRE(send(one.get(), text, {null.get()}));
        const std::optional<Message> message = receive(other.get());
        REQUIRE(message);
        CHECK(message->text == text);
        CHECK(message->descriptors.size() == 1);
    }
}

TEST_CASE("what comes through a stream is received with its descriptors too") {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    const Fd one(ends[0]), other(ends[1]), null = openFile("/dev/null", O_RDONLY);
    REQUIRE(send(one.get(), "pty", {null.get()}));
    const std::optional<Message> message = receive(other.get());
    REQUIRE(message);
    CHECK(message->text == "pty");
    CHECK(message->descriptors.size() == 1);
}
