#include "app/report.h"

#include <cstdio>

#include "app/ui/escape.h"
#include "compose/diagnostics.h"
#include "engine/error.h"

namespace devc::app {

void reportLine(const char* lead, std::string_view text) {
    std::fprintf(stderr, "%s%s\n", lead, escapeText(text).c_str());
}

int reportException(std::exception_ptr error) {
    std::fflush(stdout);
    try {
        std::rethrow_exception(error);
    } catch (const engine::Error& failure) {
        reportLine("error: ", failure.what());
        for (const std::string& line : failure.details()) reportLine("  ", line);
        for (const std::string& line : failure.hints()) reportLine("  hint: ", line);
        return failure.exitStatus();
    } catch (const compose::LoadError& failure) {
        reportLine("error: ", failure.what());
        return 1;
    } catch (const std::exception& failure) {
        reportLine("error: ", failure.what());
        return 1;
    } catch (...) {
        std::fputs("error: something failed that has no name\n", stderr);
        return 1;
    }
}

}  // namespace devc::app
