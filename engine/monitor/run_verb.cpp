#include <csignal>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/launch/failure.h"
#include "engine/monitor/supervisor.h"
#include "engine/monitor/verbs.h"
#include "engine/network/idle_bridge.h"

namespace devc::engine {

namespace {

Fd inherited(int descriptor) {
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    return Fd(descriptor);
}

MonitorFiles takeFiles(const std::string& letters, int ports) {
    MonitorFiles files;
    int next = 3;
    files.report = inherited(next++);
    for (char letter : letters) {
        if (letter == 'i') files.in = inherited(next++);
        if (letter == 'o') files.out = inherited(next++);
        if (letter == 'e') files.err = inherited(next++);
        if (letter == 'c') files.control = inherited(next++);
        if (letter == 'l') files.lock = inherited(next++);
    }
    for (int port = 0; port < ports; ++port) files.reservedPorts.push_back(inherited(next++));
    return files;
}

}  // namespace

int runVerb(const std::string& folder, const std::string& letters, int ports) {
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    ::signal(SIGPIPE, SIG_IGN);
    ::umask(077);
    MonitorFiles files = takeFiles(letters, ports);
    // The supervisor closes its own when the program runs; what fails before there is one is said on this.
    Fd report(::fcntl(files.report.get(), F_DUPFD_CLOEXEC, 3));
    try {
        MonitorPlan plan = decodeMonitorPlan(readFile(folder + "/monitor.json"));
        std::vector<std::string> bridges;
        for (const EndpointPlan& endpoint : plan.endpoints) {
            if (!endpoint.bridge.empty()) bridges.push_back(endpoint.bridge);
        }
        {
            Supervisor supervisor(std::move(plan), folder, std::move(files));
            report.reset();
            supervisor.run();
        }
        // All are answered, and nobody waits for this.
        for (const std::string& bridge : bridges) removeRetired(bridge);
        return 0;
    } catch (const Error& error) {
        if (report) send(report.get(), encodeFailure(error));
        return 125;
    }
}

}  // namespace devc::engine
