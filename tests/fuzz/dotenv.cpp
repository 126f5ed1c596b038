#include "compose/source/dotenv.h"

#include "compose/diagnostics.h"
#include "tests/fuzz/input.h"

using namespace devc::compose;

/// .env files, and env_file with `format: raw`.
void fuzz(std::string_view text) {
    Sources sources;
    const Source& source = sources.add(".env", std::string(text));
    const Lookup outer = [](std::string_view name) { return name == "HOME" ? std::optional<std::string>("/root") : std::nullopt; };
    try {
        parseDotenv(source, outer);
    } catch (const LoadError&) {
    }
    try {
        parseRawEnvironment(source, outer);
    } catch (const LoadError&) {
    }
}
