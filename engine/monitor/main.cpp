// devc-monitor: the small program that stays with a container, or enters one.
#include <cstdlib>
#include <cstring>

#include "engine/monitor/verbs.h"

int main(int count, char** arguments) {
    using namespace devc::engine;
    if (count >= 4 && std::strcmp(arguments[1], "run") == 0) return runVerb(arguments[2], arguments[3], count > 4 ? std::atoi(arguments[4]) : 0);
    if (count >= 2 && std::strcmp(arguments[1], "exec") == 0) return execVerb();
    if (count >= 3 && std::strcmp(arguments[1], "init") == 0) initVerb({arguments + 2, arguments + count});
    return 2;  // it is started by devc only, which knows how
}
