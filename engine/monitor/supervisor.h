#pragma once
#include <list>
#include <memory>
#include <string>

#include "engine/event/events.h"
#include "engine/launch/launch.h"
#include "engine/linux/event_loop.h"
#include "engine/linux/message.h"
#include "engine/linux/terminal.h"
#include "engine/monitor/container_log.h"
#include "engine/monitor/health.h"
#include "engine/monitor/resolver.h"
#include "engine/monitor/restart.h"
#include "engine/monitor/start.h"
#include "engine/monitor/streams.h"

namespace devc::engine {

/// What devc-monitor is handed by launch().
struct MonitorFiles {
    Fd report;                       ///< message socket: "S<state>" when the program runs, or "F<status> <sentence>"
    Fd in, out, err;                 ///< attached from the start, or none
    Fd lock;                         ///< held until the first start is settled: the command that asked for it may be killed before
    Fd control;                      ///< a client of the control socket that waits from the start, or none
    std::vector<Fd> reservedPorts;
};

/// Requests on the control socket, one message each, and their answers ("ok", "E<sentence>", "S<state>"):
///   signal N | pause | unpause | resize ROWS COLUMNS | attach LETTERS (of "ioe", with as many descriptors)
///   hold                                pause, until unpause or the asker is gone
///   network | process                   answered with the container's network namespace, its first process: descriptors
///   stop SIGNAL NANOSECONDS [settled]   answered with the state at the end; "settled": no reaper is run
///   wait                                the same without doing anything
/// The socket closes when the monitor has nothing more to do.

/// Stays with one container from its start to its final end.
class Supervisor {
public:
    Supervisor(MonitorPlan plan, std::string folder, MonitorFiles files);
    /// Returns when all is over.
    void run();

private:
    struct Client {
        Fd socket;
        bool waits = false;
        bool isCaller = false;  ///< lent at the start
        bool holds = false;     ///< the container stands still as long as it is there
    };

    bool startFirst();
    void report(const std::string& message);
    void start();
    void ended();
    void finish();
    void conclude();
    void accept();
    void addClient(Fd socket, bool waits);
    void serve(int socket);
    std::string answer(const std::string& request, Message& message, Client& client);
    void stop(int signal, Nanoseconds grace);
    void kill(int signal);
    void freeze(bool frozen);
    void writeState();
    void emit(const std::string& action, std::map<std::string, std::string> attributes = {});
    void probed(const HealthProbe& probe);

    MonitorPlan plan_;
    std::string folder_, runFolder_;
    MonitorFiles files_;
    Host host_;
    Events events_;
    EventLoop loop_;
    RestartManager restart_;
    ContainerLog log_;
    OutputStream out_, err_;
    InputStream in_;
    Holdings holdings_;
    Started started_;
    ContainerState state_;
    Fd listener_;
    std::list<Client> clients_;
    Timer restartTimer_, killTimer_;
    std::unique_ptr<HealthMonitor> health_;
    std::unique_ptr<Resolver> resolver_;
    std::int64_t startedMoment_ = 0;
    std::uint64_t oomKillsBefore_ = 0;
    TerminalSize terminalSize_;
    bool running_ = false, noRestart_ = false, stopAsked_ = false, settled_ = false, over_ = false, concluded_ = false;
    Fd reaping_;  ///< readable when what the container left is settled
};

}  // namespace devc::engine
