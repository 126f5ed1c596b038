#include "engine/build/dockerfile.h"

#include <algorithm>

#include "engine/build/parse_error.h"

namespace devc::engine::build {

namespace {

// Each may be a step below the next: far more than a file system can have layers.
constexpr std::size_t mostStages = 1000, mostInstructions = 5000;

void refuseBinary(std::string_view text) {
    const std::size_t at = text.find('\0');
    if (at == std::string_view::npos) return;
    throw parseError(static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n')) + 1, "it has a NUL byte: this is no text");
}

std::vector<std::string> splitLines(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        lines.emplace_back(line);
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return lines;
}

}  // namespace

Dockerfile parseDockerfile(std::string_view text) {
    refuseBinary(text);
    Dockerfile file;
    file.text = splitLines(text);
    Source source = readSource(text);
    file.directives = source.directives;
    if (source.lines.size() > mostInstructions)
        throw parseError(source.lines[mostInstructions].first, "more than {} instructions", mostInstructions);
    for (const SourceLine& line : source.lines) {
        try {
            Instruction instruction = parseInstruction(line, source.directives.escape);
            if (instruction.verb == Verb::From) {
                if (file.stages.size() == mostStages) throw parseError(line.first, "more than {} stages", mostStages);
                file.stages.push_back({std::move(instruction), {}});
            } else if (!file.stages.empty()) {
                file.stages.back().instructions.push_back(std::move(instruction));
            } else if (instruction.verb == Verb::Arg) {
                file.globals.push_back(std::move(instruction));
            } else {
                throw parseError(line.first, "no build stage in current context: {} stands before the first FROM", nameOf(instruction.verb));
            }
        } catch (Error& error) {
            for (const std::string& shown : excerpt(file, line.first, line.last)) error.detail(shown);
            throw;
        }
    }
    if (file.stages.empty()) throw Error("dockerfile contains no stages to build");
    return file;
}

std::vector<std::string> excerpt(const Dockerfile& file, int first, int last) {
    std::vector<std::string> shown;
    const int total = static_cast<int>(file.text.size());
    last = std::min(last, first + 8);
    for (int n = std::max(1, first - 2); n <= std::min(total, last + 2); ++n)
        shown.push_back(fmt::format("{:>4} {} {}", n, n >= first && n <= last ? ">>>" : " | ", file.text[static_cast<std::size_t>(n - 1)]));
    return shown;
}

}  // namespace devc::engine::build
