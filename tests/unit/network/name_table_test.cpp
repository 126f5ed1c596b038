#include "engine/network/name_table.h"

#include <doctest/doctest.h>

using namespace devc::engine;

TEST_CASE("a name table is text, an entry a line") {
    NameTable table{"shop_default", {{"abc", "10.0.0.2", "", "shop-web-1", {"web", "abc"}}, {"def", "", "fd00::2", "shop-db-1", {}}}};
    std::string text = encodeNameTable(table);
    CHECK(text == "network shop_default\nabc 10.0.0.2 - shop-web-1 web abc\ndef - fd00::2 shop-db-1\n");
    NameTable again = decodeNameTable(text);
    CHECK(again.network == "shop_default");
    REQUIRE(again.entries.size() == 2);
    CHECK(again.entries[0].names == std::vector<std::string>{"web", "abc"});
    CHECK(again.entries[1].ipv4.empty());
    CHECK(again.entries[1].ipv6 == "fd00::2");
}

TEST_CASE("names that would break a line are left out") {
    std::string text = encodeNameTable({"n", {{"abc", "10.0.0.2", "", "web", {"a b", "x\ny", "", "ok"}}, {"def", "10.0.0.3", "", "evil\nname", {}}}});
    CHECK(text == "network n\nabc 10.0.0.2 - web ok\n");
}

TEST_CASE("a damaged table is read as far as it goes") {
    CHECK(decodeNameTable("").entries.empty());
    CHECK(decodeNameTable("\n\nabc\nabc 1 2\n").entries.empty());
    CHECK(decodeNameTable("abc 1 2 name").entries.size() == 1);
}
