#include <doctest/doctest.h>

#include "compose/render/key_order.h"
#include "compose/render/yaml_scalar.h"
#include "compose/words.h"

using namespace devc::compose;

TEST_CASE("a command line is split as a shell would, and ends where a shell would do more") {
    CHECK(splitWords("a 'b c' \"d e\" f\\ g ''") == StringList{"a", "b c", "d e", "f g", ""});
    CHECK(splitWords("a $(b c) `d e`") == StringList{"a", "$(b c)", "`d e`"});
    CHECK(splitWords("a; b") == StringList{"a"});
    CHECK(splitWords("a 2>b") == StringList{"a"});
    CHECK(splitWords("a b2>c") == StringList{"a", "b2"});
}

TEST_CASE("an open quote, parenthesis or backslash is no command line") {
    for (const char* text : {"a 'b", "a \"b", "a `b", "a $(b", "a (b)", "a)", "a\\"}) {
        CAPTURE(text);
        CHECK_FALSE(splitWords(text).has_value());
    }
}

TEST_CASE("keys with numbers are in the order of the numbers") {
    for (const auto& pair : {std::pair{"web2", "web10"}, {"web", "web1"}, {"a1", "a02"}, {"1a", "aa"}, {"A_B", "AB"}}) {
        const char *one = pair.first, *other = pair.second;
        CAPTURE(one);
        CHECK(keyBefore(one, other));
        CHECK_FALSE(keyBefore(other, one));
    }
}

TEST_CASE("long texts go on in the next line, keys do not") {
    std::string words;
    for (int i = 0; i < 12; ++i) words += "eightlong ";
    words.pop_back();
    CHECK(yamlText(words, 4, 6).find("\n      eightlong") != std::string::npos);
    CHECK(yamlText(words + ": x", 4, 6).front() == '\'');
    CHECK(yamlKey(words) == words);
}

TEST_CASE("texts that older YAML would read as something else are quoted") {
    CHECK(yamlText("yes", 0, 2) == "'yes'");
    CHECK(yamlText("12:30", 0, 2) == "'12:30'");
    CHECK(yamlText("12:70", 0, 2) == "12:70");
    CHECK(yamlText("true", 0, 2) == "\"true\"");
}
