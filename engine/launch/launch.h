#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/spec.h"
#include "engine/launch/state.h"
#include "engine/host.h"
#include "engine/linux/fd.h"
#include "engine/log/message.h"

namespace devc::engine {

/// One interface of a container: how the monitor builds it. Addresses are "10.1.0.2/16".
struct EndpointPlan {
    std::string networkId, networkName;
    std::string bridge;         ///< name of the bridge on the host
    std::string hostInterface;  ///< name of the veth end on the host, at most 15 characters
    std::string interfaceName;  ///< name inside: eth0
    std::string mac;
    std::string ipv4, ipv6;                 ///< with prefix length; empty: none
    std::string gateway4, gateway6;         ///< default route; empty: not over this interface
    std::vector<std::string> linkLocalIps;
    int mtu = 1500;
    std::string parent;      ///< not empty: no bridge, but a macvlan of this interface of the host
    std::string mode;        ///< of a macvlan: bridge, private, vepa, passthru
    bool isolated = false;   ///< does not reach the other containers on the bridge
};

/// Everything devc-monitor needs beside the OCI runtime configuration (config.json in the same folder).
/// Stored as <state>/containers/<id>/monitor.json.
struct MonitorPlan {
    std::string id, name, stateDir, runDir;
    std::vector<std::string> lowers;             ///< overlay lower folders, topmost first
    std::string upper, work;                     ///< overlay upper and work; the merged root exists in the container's mount namespace only
    std::string user;                            ///< "name", "uid", "uid:gid", "name:group"; resolved in the container's /etc/passwd at start
    std::vector<std::string> groupAdd;
    std::vector<EndpointPlan> endpoints;
    bool resolver = false;                       ///< answer DNS at 127.0.0.11 inside
    std::map<std::string, std::string> joins;    ///< "network", "pid" -> id of the container whose namespace it is at each start
    std::vector<std::string> upstreams;          ///< resolvers of the host (or `dns:`) for all other names
    std::map<std::string, std::string> links;    ///< alias -> name to look up in the name tables
    std::string stopSignal = "SIGTERM";
    Nanoseconds stopTimeout{10'000'000'000};
    HealthCheck health;                          ///< complete (defaults applied); test empty or NONE: no check
    RestartPolicy restart;
    bool autoRemove = false;
    bool endsWithCaller = false;                 ///< killed when the other end of LaunchFiles::control closes: a build's step
    bool openStdin = false, stdinOnce = false, tty = false;
    bool init = false;                           ///< a small init is process 1: runs the program, forwards signals, reaps
    std::string logDriver = "json-file";
    std::map<std::string, std::string> logOptions;
    LogSource logSource;                         ///< what logging drivers say of the container
    std::string runtime;                         ///< path of another OCI runtime that runs it; empty: devc's own launcher
    std::string seccompFilter;                   ///< path of the compiled BPF program; empty: none
    std::string reaper;                          ///< program run as `<reaper> system reap <id>` after the last exit: devc itself
    std::map<std::string, std::string> eventAttributes;  ///< name, image and labels, for the event log
};

std::string encode(const MonitorPlan&);
MonitorPlan decodeMonitorPlan(std::string_view json);

struct LaunchFiles {
    std::vector<Fd> reservedPorts;  ///< bound sockets that the monitor holds while the container runs
    int attachStdin = -1, attachStdout = -1, attachStderr = -1;  ///< descriptors lent for the start, or -1
    int lock = -1;     ///< lent: what keeps others from starting or removing the container, kept by the monitor until its start is settled
    int control = -1;  ///< lent too: a message socket served as the control socket is, on which the final state is sent unasked
};

/// Starts devc-monitor for the container (from a detached read-only mount of the program) and returns when the
/// container's first process was executed. Throws Error with status 125/126/127 as docker's when it could not be;
/// then nothing is left running.
ContainerState launch(const Host&, const std::string& id, LaunchFiles files = {});

/// The state now: file, checked against the living monitor. A container whose monitor is gone without a word is Exited
/// with error "monitor was killed".
ContainerState readState(const Host&, const std::string& id);

/// Ends the processes and removes the control groups that a killed monitor left behind. Nothing happens if the container
/// runs, or ended as it should.
void clearRemains(const Host&, const std::string& id);

/// Asks the monitor. All throw Error if the container does not run.
void sendSignal(const Host&, const std::string& id, int signal);
/// Who frees the ports and names of a container that has ended, and removes it if it is to remove itself.
enum class After { MonitorSettles, CallerSettles };
/// stop signal, then SIGKILL after the timeout; returns when it has ended. No restart follows.
ContainerState stopAndWait(const Host&, const std::string& id, std::optional<int> signal, Nanoseconds timeout,
                           After after = After::MonitorSettles);
void pause(const Host&, const std::string& id, bool frozen);
void resizeTerminal(const Host&, const std::string& id, unsigned rows, unsigned columns);
/// Waits for the end of the container (its final one, restart policy included); returns at once if it does not run.
ContainerState waitForExit(const Host&, const std::string& id);
/// Waits until `accept` says true of the state, woken by changes (inotify), or `deadline` passes (returns false).
bool waitForState(const Host&, const std::vector<std::string>& ids,
                  const std::function<bool(const std::string& id, const ContainerState&)>& accept,
                  std::optional<Nanoseconds> timeout);

struct ExecSpec {
    std::vector<std::string> command;
    std::vector<std::string> environment;  ///< added to the container's
    std::string workingDir, user;          ///< empty: the container's
    bool tty = false, privileged = false, detach = false, interactive = true;
    std::string detachKeys;
};
/// Runs a program in a running container with the caller's stdin, stdout, stderr (tty: raw mode, window size, signals).
/// Returns its exit status (128+n by signal; 126, 127 as docker). Joins the namespaces directly, by devc-monitor's
/// `exec` verb started from a detached read-only mount; no data passes through another process unless there is a tty.
int exec(const Host&, const std::string& id, const ExecSpec&);
/// Runs a program in a running container apart from the caller's stdio and signals: without input, and with `output` called
/// for what it writes to stdout and stderr, as it comes. Neither spec.tty nor spec.detach count. Returns the exit status.
/// Safe to call from several threads.
int execCaptured(const Host&, const std::string& id, const ExecSpec&, const std::function<void(std::string_view)>& output);

/// Connects the caller's stdio with the container's until it ends or the detach keys come. Returns the exit status, or
/// nullopt after a detach. For `run` and `up` attached it is opened before the start, so that nothing is lost.
class Attachment {
public:
    /// Pipes (or a pty if plan.tty) to hand to launch() in LaunchFiles.
    static Attachment beforeStart(bool stdin_, bool tty);
    static Attachment toRunning(const Host&, const std::string& id, bool stdin_, bool tty);
    LaunchFiles files() const;
    /// Copies until both outputs end. signals of the terminal go to the container if `forwardSignals`.
    std::optional<int> run(const Host&, const std::string& id, bool forwardSignals, const std::string& detachKeys);
    Attachment(Attachment&&) noexcept;
    ~Attachment();
private:
    struct Ends;
    explicit Attachment(std::unique_ptr<Ends>);
    std::unique_ptr<Ends> ends_;
};

}  // namespace devc::engine
