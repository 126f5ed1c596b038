#include <doctest/doctest.h>

#include "engine/container/etc_files.h"
#include "engine/container/names.h"
#include "engine/error.h"

using namespace devc::engine;

TEST_CASE("resolv.conf is read with comments, several options and the last search") {
    ResolverConfig config = parseResolvConf("# c\nnameserver 1.1.1.1 ; x\nsearch a b\nsearch c\noptions ndots:2 rotate\nnameserver ::1\n");
    CHECK(config.nameservers == std::vector<std::string>{"1.1.1.1", "::1"});
    CHECK(config.search == std::vector<std::string>{"c"});
    CHECK(config.options == std::vector<std::string>{"ndots:2", "rotate"});
}

TEST_CASE("on a user's network the engine answers names") {
    ResolvRequest request{true, {"10.0.0.1"}, {"corp.test"}, {"timeout:1"}};
    CHECK(renderResolvConf(request, {}) == "nameserver 127.0.0.11\nsearch corp.test\noptions timeout:1 ndots:0\n");
}

TEST_CASE("on the default bridge the host's resolvers are used, but not those on its loopback") {
    CHECK(renderResolvConf({}, {{"127.0.0.1", "9.9.9.9"}, {"home"}, {}}) == "nameserver 9.9.9.9\nsearch home\n");
    CHECK(renderResolvConf({}, {{"127.0.0.53"}, {}, {}}) == "nameserver 8.8.8.8\nnameserver 8.8.4.4\n");
    CHECK(renderResolvConf({false, {}, {"."}, {}}, {{"9.9.9.9"}, {"home"}, {}}) == "nameserver 9.9.9.9\n");
}

TEST_CASE("hosts has localhost, the extra hosts and the own names") {
    std::string text = renderHosts({{{"10.9.8.7", "one.test"}}, {"10.1.0.2"}, "box", "example.test"});
    CHECK(text.starts_with("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"));
    CHECK(text.ends_with("10.9.8.7\tone.test\n10.1.0.2\tbox.example.test box\n"));
}

TEST_CASE("extra hosts are read in every form") {
    using Pair = std::pair<std::string, std::string>;
    CHECK(parseExtraHost("one:10.9.8.7", "") == Pair{"10.9.8.7", "one"});
    CHECK(parseExtraHost("six=::1", "") == Pair{"::1", "six"});
    CHECK(parseExtraHost("six:::1", "") == Pair{"::1", "six"});
    CHECK(parseExtraHost("six=[::1]", "") == Pair{"::1", "six"});
    CHECK(parseExtraHost("h:host-gateway", "10.1.0.1") == Pair{"10.1.0.1", "h"});
    for (const char* bad : {"", "x", ":1.2.3.4", "x:nope", "x:1.2.3.4\n6.6.6.6 evil"}) CHECK_THROWS_AS(parseExtraHost(bad, ""), Error);
}

TEST_CASE("generated names are valid names") {
    for (int attempt = 0; attempt < 20; ++attempt) CHECK_NOTHROW(checkContainerName(generateName(attempt)));
    for (const char* bad : {"", "a", "-a", "a/b", "../x", "a b", ".x"}) CHECK_THROWS_AS(checkContainerName(bad), Error);
}
