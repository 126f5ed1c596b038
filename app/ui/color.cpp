#include "app/ui/color.h"

#include <cstdlib>

#include <unistd.h>

#include "engine/error.h"

namespace devc::app {

Ansi parseAnsi(std::string_view text) {
    if (text.empty() || text == "auto") {
        const char* variable = std::getenv("COMPOSE_ANSI");
        text = variable != nullptr && *variable != '\0' ? variable : "auto";
    }
    if (text == "auto") return Ansi::Auto;
    if (text == "never") return Ansi::Never;
    if (text == "always") return Ansi::Always;
    throw engine::Error::of("unsupported --ansi value \"{}\"", text).hint("auto, never or always");
}

bool colorWanted(Ansi ansi, int descriptor) {
    if (ansi != Ansi::Auto) return ansi == Ansi::Always;
    const char* no = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    if (no != nullptr && *no != '\0') return false;
    return (terminal == nullptr || std::string_view(terminal) != "dumb") && ::isatty(descriptor) == 1;
}

std::string paint(std::string_view code, std::string_view text) {
    return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

std::string_view NameColors::codeOf(const std::string& name) {
    static constexpr std::string_view codes[] = {"36", "33", "32", "35", "34", "36;1", "33;1", "32;1", "35;1", "34;1"};
    return codes[seen_.try_emplace(name, seen_.size()).first->second % std::size(codes)];
}

}  // namespace devc::app
