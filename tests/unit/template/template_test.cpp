#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/template/template.h"

using namespace devc::engine;
using nlohmann::json;

namespace {

std::string rendered(const std::string& text, const json& data = json::object()) { return Template::parse(text).render(data); }

std::string refused(const std::string& text, const json& data = json::object()) {
    try {
        return "rendered: " + rendered(text, data);
    } catch (const Error& error) {
        return error.what();
    }
}

bool says(const std::string& message, const std::string& part) { return message.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("printf writes whole numbers as Go does") {
    CHECK(rendered(R"({{printf "%5d|%-5d|%05d|%+d|% d" 42 42 42 42 42}})") == "   42|42   |00042|+42| 42");
    CHECK(rendered(R"({{printf "%x|%X|%#x|%#X|%o|%#o|%b|%c|%U" 42 42 42 42 42 42 5 42 42}})") == "2a|2A|0x2a|0X2A|52|052|101|*|U+002A");
    CHECK(rendered(R"({{printf "%d|%05d|%x" .n .n .n}})", {{"n", -42}}) == "-42|-0042|-2a");
    CHECK(rendered(R"({{printf "%*d|%*d|" 5 42 -5 42}})") == "   42|42   |");
}

TEST_CASE("printf writes fractions, truth, text and lists as Go does") {
    CHECK(rendered(R"({{printf "%.2f|%8.1f|%+.1f|%v" .x .x .x .x}})", {{"x", 3.25}}) == "3.25|     3.2|+3.2|3.25");
    CHECK(rendered(R"({{printf "%e" .x}})", {{"x", 1500.0}}) == "1.500000e+03");
    CHECK(rendered(R"({{printf "%t %v %6t" true false true}})") == "true false   true");
    CHECK(rendered(R"({{printf "%s|%5s|%-5s|%.2s|%q|%x|%X" "hi" "hi" "hi" "hiya" "a\"b" "hi" "jk"}})") == R"(hi|   hi|hi   |hi|"a\"b"|6869|6A6B)");
    CHECK(rendered(R"({{printf "%4s|" "ä"}})") == "   ä|");
    CHECK(rendered(R"({{printf "%s %v %q" .l .m .l}})", {{"l", {"a", "b"}}, {"m", {{"k", 1}}}}) == R"([a b] map[k:1] ["a" "b"])");
    CHECK(rendered(R"({{printf "%T %T %T %T" 1 "a" true .x}})", {{"x", 1.5}}) == "int string bool float64");
}

TEST_CASE("printf shows what does not fit") {
    CHECK(rendered(R"({{printf "%d" "x"}})") == "%!d(string=x)");
    CHECK(rendered(R"({{printf "%s %s" "a"}})") == "a %!s(MISSING)");
    CHECK(rendered(R"({{printf "%s" "a" 2 "b"}})") == "a%!(EXTRA int=2, string=b)");
    CHECK(rendered(R"({{printf "100%%"}})") == "100%");
    CHECK(rendered(R"({{printf "%"}})") == "%!(NOVERB)");
}

TEST_CASE("print parts values neither of which is text, println all") {
    CHECK(rendered(R"({{print 1 2 "a" "b" 3}})") == "1 2ab3");
    CHECK(rendered(R"({{println "a" 1}})") == "a 1\n");
}

TEST_CASE("functions on text") {
    CHECK(rendered(R"({{upper "aB"}} {{lower "aB"}} {{title "it's a big-world"}})") == "AB ab It's A Big-World");
    CHECK(rendered(R"({{pad "x" 1 2}}|{{pad "" 1 2}}|)") == " x  ||");
    CHECK(rendered(R"({{truncate "äöü" 2}} {{truncate "ab" 9}})") == "äö ab");
    CHECK(rendered(R"({{join (split "a,b,c" ",") "-"}} {{len (split "abc" "")}})") == "a-b-c 3");
    CHECK(rendered(R"({{html "<a href='x'>&\"</a>"}})") == "&lt;a href=&#39;x&#39;&gt;&amp;&#34;&lt;/a&gt;");
    CHECK(rendered(R"({{js "it's <b> a=\"1\"\n"}})") == R"(it\'s \u003Cb\u003E a\u003D\"1\"\u000A)");
    CHECK(rendered(R"({{urlquery "a b/ä~"}})") == "a+b%2F%C3%A4~");
    CHECK(rendered(R"({{json .}})", {{"b", {1, nullptr}}, {"a", "<"}}) == R"({"a":"<","b":[1,null]})");
}

TEST_CASE("index and slice reach into lists, maps and text, and stop at their ends") {
    const json data = {{"l", {{"a", "b"}, {"c"}}}, {"m", {{"k", "v"}}}, {"Labels", nullptr}};
    CHECK(rendered(R"({{index .l 0 1}} {{index .m "k"}} [{{index .m "none"}}] [{{index .Labels "x"}}] {{index "ab" 1}})", data) == "b v [] [] 98");
    CHECK(rendered(R"({{slice "abcdef" 1 3}} {{slice "abc" 1}} {{slice (index .l 0) 1}})", data) == "bc bc [b]");
    CHECK(says(refused("{{index .l 2}}", data), "index out of range: 2"));
    CHECK(says(refused(R"({{index .l "a"}})", data), "expected int"));
    CHECK(says(refused(R"({{index 5 0}})"), "can't index item of type"));
    CHECK(says(refused(R"({{slice "abc" 4}})"), "index out of range: 4"));
    CHECK(says(refused(R"({{slice "abc" 0 4}})"), "index out of range: 4"));
    CHECK(says(refused(R"({{slice "abc" 2 1}})"), "invalid slice index: 2 > 1"));
    CHECK(says(refused(R"({{slice 5}})"), "can't slice item of type"));
    CHECK(says(refused(R"({{len 5}})"), "len of type"));
}

TEST_CASE("comparisons are between values of one kind") {
    CHECK(rendered(R"({{eq 1 2 1}} {{ne 1 2}} {{lt 1 2}} {{le 2 2}} {{gt "b" "a"}} {{ge "a" "b"}} {{eq "a" "b"}} {{eq true true}})") ==
          "true true true true true false false true");
    CHECK(rendered(R"({{not 0}} {{and 1 0}} {{or "" "x"}})") == "true 0 x");
    CHECK(says(refused(R"({{eq 1 "1"}})"), "incompatible types for comparison"));
    CHECK(says(refused(R"({{lt true false}})"), "incompatible types for comparison"));
    CHECK(says(refused(R"({{eq .l .l}})", {{"l", {1}}}), "non-comparable type"));
    CHECK(says(refused(R"({{eq 1}})"), "eq"));
    CHECK(says(refused(R"({{upper "a" "b"}})"), "wrong number of args for upper: want 1 got 2"));
    CHECK(says(refused(R"({{upper 1}})"), "expected string"));
}

TEST_CASE("conditions, loops and variables") {
    const json data = {{"l", {1, 2, 3, 4}}, {"e", json::array()}, {"m", {{"b", 2}, {"a", 1}}}, {"s", {{"x", "deep"}}}};
    CHECK(rendered("{{if .e}}some{{else if .l}}list{{else}}none{{end}}", data) == "list");
    CHECK(rendered("{{range $i, $v := .l}}{{if eq $v 2}}{{continue}}{{end}}{{if eq $v 4}}{{break}}{{end}}{{$i}}={{$v}} {{end}}", data) == "0=1 2=3 ");
    CHECK(rendered("{{range .e}}x{{else}}empty{{end}}", data) == "empty");
    CHECK(rendered("{{range $k, $v := .m}}{{$k}}{{$v}}{{end}}", data) == "a1b2");
    CHECK(rendered("{{with .s}}{{.x}}{{end}}{{with .e}}x{{else}} nothing{{end}}", data) == "deep nothing");
    CHECK(rendered("{{$n := 1}}{{range .l}}{{$n = .}}{{end}}{{$n}} {{$.s.x}}", data) == "4 deep");
    CHECK(rendered("a {{- /* said to nobody */ -}} b {{- 1 -}} c") == "ab1c");
    CHECK(rendered(R"({{.s.x | upper | printf "%s!%s" "a"}})", data) == "a!DEEP");
}

TEST_CASE("what is no template is refused with its reason") {
    for (const char* text : {"{{", "{{.x", "{{if .x}}", "{{end}}", "{{else}}", "{{range}}{{end}}", "{{nonsense .x}}", "{{$undefined}}", "{{break}}", "{{\"open}}", "{{(1}}",
                             "{{1 | }}", "{{/* open }}", "{{if .x}}{{else}}{{else}}{{end}}"}) {
        INFO(text);
        const std::string message = refused(text);
        CHECK(says(message, "template"));
        CHECK_FALSE(says(message, "rendered:"));
    }
    CHECK(says(refused("{{.none.deeper}}", {{"a", 1}}), ".none"));
}

TEST_CASE("the header of a table is the fields' names") {
    CHECK(Template::parse("{{.ID}}\t{{.RunningFor}}\t{{upper .Name}}").header({{"ID", "CONTAINER ID"}}) == "CONTAINER ID\tRUNNING FOR\tNAME");
}
