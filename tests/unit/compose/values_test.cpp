#include <doctest/doctest.h>

#include "compose/model/bytes.h"
#include "compose/model/duration.h"
#include "compose/short_forms.h"
#include "compose/source/scalar.h"

using namespace devc::compose;

TEST_CASE("durations read back as Go prints them") {
    auto text = [](std::string_view from) { return parseDuration(from).value().text(); };
    CHECK(text("90s") == "1m30s");
    CHECK(text("1.5s") == "1.5s");
    CHECK(text("1d") == "24h0m0s");
    CHECK(text("2h45m10s") == "2h45m10s");
    CHECK(text("100us") == "100\xC2\xB5s");
    CHECK(text("500ms") == "500ms");
    CHECK(text("0") == "0s");
}

TEST_CASE("durations without unit or sense are refused") {
    std::string problem;
    CHECK_FALSE(parseDuration("10", &problem));
    CHECK(problem == "missing unit in duration \"10\"");
    CHECK_FALSE(parseDuration("soon", &problem));
    CHECK_FALSE(parseDuration("", &problem));
    CHECK_FALSE(parseDuration("99999999999999999999h", &problem));
}

TEST_CASE("byte sizes are powers of 1024") {
    CHECK(parseBytes("64m") == 64 << 20);
    CHECK(parseBytes("1.5g") == 1610612736);
    CHECK(parseBytes("2GB") == std::int64_t{2} << 30);
    CHECK(parseBytes("1 KiB") == 1024);
    CHECK(parseBytes("1000") == 1000);
    CHECK(parseBytes("-1") == -1);
    for (const char* text : {"lots", "", "1x", "-5", "1mm", "g"}) {
        CAPTURE(text);
        CHECK_FALSE(parseBytes(text));
    }
}

TEST_CASE("ports expand") {
    auto ports = expandPort("127.0.0.1:5000-5001:80-81/udp", {});
    REQUIRE(ports.size() == 2);
    CHECK(ports[1].find("target")->integer == 81);
    CHECK(ports[1].textOf("published") == "5001");
    CHECK(ports[1].textOf("host_ip") == "127.0.0.1");
    CHECK(ports[1].textOf("protocol") == "udp");
    CHECK(expandPort("8000-8010:80", {}).front().textOf("published") == "8000-8010");
    CHECK(expandPort("[::1]:7001:7001", {}).front().textOf("host_ip") == "::1");
    for (const char* text : {"http:80", "70000:80", "999.1.1.1:80:80", "1-3:80-81", "80/x", "", "80:", "3-1", "80:0"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(expandPort(text, {}), ShortFormError);
    }
}

TEST_CASE("volumes expand") {
    CHECK(expandVolume("data:/d", {}).textOf("type") == "volume");
    CHECK(expandVolume("./x:/d:ro", {}).find("read_only")->isTrue());
    CHECK(expandVolume("./x:/d:z", {}).find("bind")->textOf("selinux") == "z");
    CHECK(expandVolume("/anon", {}).find("source") == nullptr);
    CHECK_THROWS_AS(expandVolume("", {}), ShortFormError);
    CHECK_THROWS_AS(expandVolume("xx::/y", {}), ShortFormError);
}

TEST_CASE("scalars have the types of YAML with Go's exceptions") {
    CHECK(resolveScalar("yes", {}).isString());
    CHECK(resolveScalar("True", {}).isTrue());
    CHECK(resolveScalar("007", {}).integer == 7);
    CHECK(resolveScalar("0x10", {}).integer == 16);
    CHECK(resolveScalar("1_000", {}).integer == 1000);
    CHECK(resolveScalar("0.3", {}).real == 0.3);
    CHECK(resolveScalar("1e3", {}).scalarText() == "1000");
    CHECK(resolveScalar("0-1", {}).isString());
    CHECK(resolveScalar("1.2.3", {}).isString());
    CHECK(resolveScalar("2024-01-01", {}).text == "2024-01-01 00:00:00 +0000 UTC");
    CHECK(floatText(1e21) == "1e+21");
}
