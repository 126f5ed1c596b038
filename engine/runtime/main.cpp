// devc-runtime: devc's launcher as a runtime of the OCI specification, for tools that drive one.
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <functional>
#include <memory>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/linux/mount.h"
#include "engine/linux/process.h"
#include "engine/runtime/verbs.h"
#include "engine/timestamp.h"

namespace devc::engine::runtime {
namespace {

struct Options {
    std::string root = "/run/devc-runtime", log, logFormat = "text";
    bool debug = false, systemd = false;
};

/// What runs in a container may find this program through /proc: it is executed from a read-only copy of its mount.
void executeFromReadOnlyMount(char** arguments) {
    struct statvfs about{};
    if (::statvfs("/proc/self/exe", &about) == 0 && (about.f_flag & ST_RDONLY)) return;
    const Fd program = cloneMount("/proc/self/exe", false);
    changeMount(program.get(), {.set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, .propagation = MS_PRIVATE});
    ::execveat(program.get(), "", arguments, environ, AT_EMPTY_PATH);
    throw SystemError("execute the runtime from a read-only mount", errno);
}

/// For the tool that called: the last line of the log says what went wrong.
void log(const Options& options, const std::string& text) {
    if (options.log.empty()) return;
    const nlohmann::json entry = {{"level", "error"}, {"msg", text}, {"time", timestampNow()}};
    const std::string line = options.logFormat == "json" ? entry.dump() + "\n" : fmt::format("time=\"{}\" level=error msg={}\n", timestampNow(), nlohmann::json(text).dump());
    const Fd file(::open(options.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (file) (void)!::write(file.get(), line.data(), line.size());
}

class CommandLine {
public:
    CommandLine() {
        app_.set_version_flag("-v,--version", "devc-runtime version " DEVC_VERSION "\nspec: 1.1.0");
        app_.require_subcommand(1);
        app_.add_option("--root", options.root, "Folder of the containers' states, on a file system that does not outlive a reboot");
        app_.add_option("--log", options.log, "File to which errors are written too");
        app_.add_option("--log-format", options.logFormat, "text or json")->check(CLI::IsMember({"text", "json"}));
        app_.add_flag("--debug", options.debug, "Has no effect");
        app_.add_flag("--systemd-cgroup", options.systemd, "Refused: control groups are made by the runtime itself");
        CLI::App& create = verb("create", "Make a container of a bundle", [this] { runtime::create(records(), request_); });
        addCreation(create);
        addCreation(verb("run", "Make a container, run it and remove it", [this] { status = run(records(), request_); }));
        addId(verb("start", "Run the program of a container that was made", [this] { start(records(), request_.id); }));
        addId(verb("state", "Print the state of a container", [this] { fmt::print("{}", state(records(), request_.id)); }));
        CLI::App& kill = verb("kill", "Send a signal to the first process of a container", [this] { runtime::kill(records(), request_.id, signalNumber(signal_), all_); });
        addId(kill);
        kill.add_option("signal", signal_, "Name or number; SIGTERM without it");
        kill.add_flag("-a,--all", all_, "To every process of it");
        CLI::App& remove = verb("delete", "Remove what is held of a container", [this] { runtime::remove(records(), request_.id, force_); });
        addId(remove);
        remove.add_flag("-f,--force", force_, "End it first");
        addId(verb("pause", "Stop all processes of a container for a while", [this] { freeze(records(), request_.id, true); }));
        addId(verb("resume", "Let the processes of a paused container go on", [this] { freeze(records(), request_.id, false); }));
        verb("list", "List containers", [this] { fmt::print("{}", list(records(), quiet_)); }).add_flag("-q,--quiet", quiet_, "Only ids");
    }

    int parse(int count, char** words) {
        try {
            app_.parse(count, words);
        } catch (const CLI::ParseError& error) {
            return app_.exit(error) == 0 ? 0 : 2;
        } catch (const Error& error) {
            fmt::print(stderr, "error: {}\n", error.what());
            for (const std::string& detail : error.details()) fmt::print(stderr, "  {}\n", detail);
            log(options, error.what());
            return error.exitStatus();
        }
        return status;
    }

private:
    Records records() const {
        if (options.systemd) throw Error::of("--systemd-cgroup is not supported: control groups are made by the runtime itself");
        return Records(options.root);
    }

    CLI::App& verb(const char* name, const char* what, std::function<void()> work) {
        CLI::App* command = app_.add_subcommand(name, what);
        command->callback(std::move(work));
        return *command;
    }

    void addId(CLI::App& command) { command.add_option("id", request_.id, "Of the container")->required(); }

    void addCreation(CLI::App& command) {
        addId(command);
        command.add_option("-b,--bundle", request_.bundle, "Folder with config.json; the current one without it");
        command.add_option("--console-socket", request_.consoleSocket, "Unix socket that is sent the master of the terminal");
        command.add_option("--pid-file", request_.pidFile, "File for the pid of the first process");
        command.add_flag("--no-pivot", noPivot_, "Has no effect");
        command.add_flag("--no-new-keyring", noKeyring_, "Has no effect: containers have no keyring of their own");
    }

    CLI::App app_{"devc-runtime: devc's launcher as a runtime of the OCI specification"};
    CreateRequest request_;
    std::string signal_ = "SIGTERM";
    bool all_ = false, force_ = false, quiet_ = false, noPivot_ = false, noKeyring_ = false;

public:
    Options options;
    int status = 0;
};

}  // namespace
}  // namespace devc::engine::runtime

int main(int count, char** words) {
    using namespace devc::engine;
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    ::signal(SIGPIPE, SIG_IGN);
    try {
        runtime::executeFromReadOnlyMount(words);
    } catch (const Error& error) {
        fmt::print(stderr, "error: {}\n", error.what());
        return 1;
    }
    return runtime::CommandLine().parse(count, words);
}
