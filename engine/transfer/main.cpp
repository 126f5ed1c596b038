#include <clocale>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <string_view>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "engine/transfer/channel.h"
#include "engine/transfer/verbs.h"

/// devc-transfer VERB: started by devc, see channel.h for its descriptors.
int main(int count, char** arguments) {
    using namespace devc::engine::transfer;
    if (count != 2 || ::fcntl(requestDescriptor, F_GETFD) < 0 || ::fcntl(eventDescriptor, F_GETFD) < 0) {
        std::fputs("devc-transfer is a part of devc: use `devc image`\n", stderr);
        return 2;
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::setlocale(LC_CTYPE, "C.UTF-8");  // names of archives are UTF-8
    ::umask(0);
    Channel channel(eventDescriptor);
    try {
        runVerb(arguments[1], channel);
        return 0;
    } catch (const std::exception& problem) {
        channel.error(problem);
        return 1;
    }
}
