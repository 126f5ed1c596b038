#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "engine/build/instruction.h"

namespace devc::engine::build {

struct Stage {
    Instruction from;  ///< arguments: image, then the name if it has one
    std::vector<Instruction> instructions;
    std::string name() const { return from.arguments.size() > 1 ? from.arguments[1] : std::string(); }
};

/// A Dockerfile whose grammar is right: ARGs before the first FROM, then the stages.
struct Dockerfile {
    Directives directives;
    std::vector<Instruction> globals;
    std::vector<Stage> stages;
    std::vector<std::string> text;  ///< the lines, for messages
};

/// Throws Error at the line that is wrong.
Dockerfile parseDockerfile(std::string_view text);

/// The lines around `line` with numbers and a mark, as they are shown with an error.
std::vector<std::string> excerpt(const Dockerfile& file, int first, int last);

}  // namespace devc::engine::build
