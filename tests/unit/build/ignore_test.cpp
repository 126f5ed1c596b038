#include <doctest/doctest.h>

#include "engine/build/ignore.h"

using namespace devc::engine::build;

TEST_CASE("patterns of an ignore file match as the reference says") {
    const auto list = PatternList::parse("# comment\nnode_modules\n*.log\n**/*.tmp\n!src/keep.tmp\n/README.md\n dir/sub/ \n");
    CHECK(list.matches("node_modules"));
    CHECK(list.matches("node_modules/a/b"));
    CHECK_FALSE(list.matches("src/node_modules"));
    CHECK(list.matches("a.log"));
    CHECK_FALSE(list.matches("src/a.log"));
    CHECK(list.matches("a.tmp"));
    CHECK(list.matches("x/y/a.tmp"));
    CHECK_FALSE(list.matches("src/keep.tmp"));
    CHECK(list.matches("README.md"));
    CHECK(list.matches("dir/sub/file"));
}

TEST_CASE("exceptions bring back what an earlier pattern took") {
    const auto list = PatternList::parse("*\n!dir\ndir/sub\n!dir/sub/c.txt");
    CHECK(list.matches("a"));
    CHECK_FALSE(list.matches("dir/b"));
    CHECK(list.matches("dir/sub"));
    CHECK(list.matches("dir/sub/d.txt"));
    CHECK_FALSE(list.matches("dir/sub/c.txt"));
}

TEST_CASE("wildcards stay within a path component unless doubled") {
    CHECK(matchPath("a*c", "abbc"));
    CHECK_FALSE(matchPath("a*c", "ab/c"));
    CHECK(matchPath("a/**/c", "a/c"));
    CHECK(matchPath("a/**/c", "a/x/y/c"));
    CHECK(matchPath("[a-c]?[^x]", "bzz"));
    CHECK_FALSE(matchPath("[a-c]?[^x]", "bzx"));
    CHECK(matchPath("\\*", "*"));
    CHECK(matchPath("**", "a/b"));
}

TEST_CASE("paths are cleaned as Go cleans them") {
    CHECK(cleanPath("a/../b//c/.") == "b/c");
    CHECK(cleanPath("/../x") == "/x");
    CHECK(cleanPath("") == ".");
    CHECK(cleanPath("../a") == "../a");
}

TEST_CASE("a folder that is ignored is searched only where an exception can match") {
    const auto list = PatternList::parse("node_modules\nbuild\n!build/keep/*.txt\n!a*/x");
    CHECK(list.mayExceptBelow("build"));
    CHECK(list.mayExceptBelow("build/keep"));
    CHECK(list.mayExceptBelow("abc"));
    CHECK_FALSE(list.mayExceptBelow("node_modules"));
    CHECK_FALSE(list.mayExceptBelow("build/other"));
    CHECK(PatternList::parse("*\n!**/x").mayExceptBelow("any/where"));
}
