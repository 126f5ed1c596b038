#include "engine/build/dockerfile.h"

#include "engine/build/expand.h"
#include "engine/build/run_mount.h"
#include "engine/error.h"
#include "tests/fuzz/input.h"

using namespace devc::engine;
using namespace devc::engine::build;

namespace {

const Lookup lookup = [](std::string_view name) { return name == "A" ? std::optional<std::string>("v a") : std::nullopt; };

void expandWords(const Instruction& instruction) {
    for (const std::string& argument : instruction.arguments) {
        try {
            Expander().words(argument, lookup);
            Expander({.escape = '`', .rawQuotes = true, .keepUnset = true}).word(argument, lookup);
        } catch (const Error&) {
        }
    }
}

void readMounts(const Instruction& instruction) {
    for (const std::string& text : instruction.all("mount")) {
        try {
            parseRunMount(text, [](const std::string& value) { return value; }, "/work");
        } catch (const Error&) {
        }
    }
}

}  // namespace

/// A Dockerfile, then the variables of its words and the mounts of its RUN.
void fuzz(std::string_view text) {
    try {
        const Dockerfile file = parseDockerfile(text);
        for (const Stage& stage : file.stages) {
            for (const Instruction& instruction : stage.instructions) {
                expandWords(instruction);
                readMounts(instruction);
            }
        }
    } catch (const Error&) {
    }
}
