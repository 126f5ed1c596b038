#include "app/report.h"

#include <cstdio>

#include "compose/diagnostics.h"
#include "engine/error.h"

namespace devc::app {

int reportException(std::exception_ptr error) {
    std::fflush(stdout);
    try {
        std::rethrow_exception(error);
    } catch (const engine::Error& failure) {
        std::fprintf(stderr, "error: %s\n", failure.what());
        for (const std::string& line : failure.details()) std::fprintf(stderr, "  %s\n", line.c_str());
        for (const std::string& line : failure.hints()) std::fprintf(stderr, "  hint: %s\n", line.c_str());
        return failure.exitStatus();
    } catch (const compose::LoadError& failure) {
        std::fprintf(stderr, "error: %s\n", failure.what());
        return 1;
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "error: %s\n", failure.what());
        return 1;
    } catch (...) {
        std::fputs("error: something failed that has no name\n", stderr);
        return 1;
    }
}

}  // namespace devc::app
