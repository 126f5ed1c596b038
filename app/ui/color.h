#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace devc::app {

enum class Ansi { Auto, Never, Always };

/// "never", "always", "auto"; throws Error otherwise. Empty: COMPOSE_ANSI, then auto.
Ansi parseAnsi(std::string_view text);

/// Whether control sequences may be written to `descriptor`: --ansi decides; else a terminal, no NO_COLOR, no TERM=dumb.
bool colorWanted(Ansi ansi, int descriptor);

/// `text` between ESC [ code m and ESC [ 0 m.
std::string paint(std::string_view code, std::string_view text);

/// Gives every name the next colour of Docker Compose's order (cyan, yellow, green, magenta, blue, then the bright ones)
/// when it is first seen, and the same one from then on.
class NameColors {
public:
    std::string_view codeOf(const std::string& name);

private:
    std::map<std::string, std::size_t> seen_;
};

}  // namespace devc::app
