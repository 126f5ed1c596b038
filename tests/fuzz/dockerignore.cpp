#include "engine/build/ignore.h"
#include "engine/error.h"
#include "tests/fuzz/input.h"

using namespace devc::engine::build;

/// .dockerignore files, and their patterns against paths.
void fuzz(std::string_view text) {
    try {
        const PatternList list = PatternList::parse(text);
        for (std::string_view path : {"a", "a/b/c.txt", "node_modules/x/y/z", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}) {
            list.matches(path);
            list.mayExceptBelow(path);
        }
        list.identity();
    } catch (const devc::engine::Error&) {
    }
}
