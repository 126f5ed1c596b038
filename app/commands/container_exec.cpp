#include <memory>

#include <unistd.h>

#include "app/commands/container.h"
#include "app/commands/noun.h"
#include "engine/engine.h"
#include "engine/error.h"

namespace devc::app {
namespace {

using engine::Container;
using engine::Error;
using engine::Status;

}  // namespace

void addContainerExec(CLI::App& command, Context& context) {
    struct Flags {
        engine::ExecSpec spec;
        bool interactive = false;
        std::vector<std::string> environment, environmentFiles, words;
    };
    const auto flags = std::make_shared<Flags>();
    command.add_flag("-d,--detach", flags->spec.detach, "Run command in the background");
    command.add_option("--detach-keys", flags->spec.detachKeys, "Override the key sequence for detaching a container");
    addList(command, "-e,--env", flags->environment, "Set environment variables");
    addList(command, "--env-file", flags->environmentFiles, "Read in a file of environment variables");
    command.add_flag("-i,--interactive", flags->interactive, "Keep STDIN open even if not attached");
    command.add_flag("--privileged", flags->spec.privileged, "Give extended privileges to the command");
    command.add_flag("-t,--tty", flags->spec.tty, "Allocate a pseudo-TTY");
    command.add_option("-u,--user", flags->spec.user, "Username or UID (format: <name|uid>[:<group|gid>])");
    command.add_option("-w,--workdir", flags->spec.workingDir, "Working directory inside the container");
    addProgram(command, flags->words, "container", "Container, command and its arguments");
    command.get_option("container")->required();
    command.callback([flags, &context] {
        if (flags->words.size() < 2) throw Error("\"devc container exec\" requires at least 2 arguments: CONTAINER COMMAND [ARG...]");
        if (flags->spec.tty && flags->interactive && !flags->spec.detach && ::isatty(STDIN_FILENO) != 1) throw Error("the input device is not a TTY");
        flags->spec.interactive = flags->interactive;
        flags->spec.environment = environmentOf(flags->environmentFiles, flags->environment);
        flags->spec.command.assign(flags->words.begin() + 1, flags->words.end());
        context.status = context.engine().containers().exec(flags->words.front(), flags->spec);
    });
}

void addContainerAttach(CLI::App& command, Context& context) {
    struct Flags {
        bool noStdin = false, signalProxy = true;
        std::string detachKeys, name;
    };
    const auto flags = std::make_shared<Flags>();
    command.add_option("--detach-keys", flags->detachKeys, "Override the key sequence for detaching a container");
    command.add_flag("--no-stdin", flags->noStdin, "Do not attach STDIN");
    command.add_flag("--sig-proxy", flags->signalProxy, "Proxy all received signals to the process");
    command.add_option("container", flags->name)->required();
    command.callback([flags, &context] {
        const Container container = context.engine().containers().find(flags->name);
        if (container.state.status == Status::Paused) throw Error("You cannot attach to a paused container, unpause it first");
        if (container.state.status == Status::Restarting) throw Error("You cannot attach to a restarting container, wait until it is running");
        if (container.state.status != Status::Running) throw Error("You cannot attach to a stopped container, start it first");
        const engine::Host& host = context.engine().host();
        engine::Attachment attachment = engine::Attachment::toRunning(host, container.id, container.spec.openStdin && !flags->noStdin, container.spec.tty);
        const bool proxies = flags->signalProxy && !container.spec.tty;
        if (const auto status = attachment.run(host, container.id, proxies, flags->detachKeys)) context.status = *status;
    });
}

}  // namespace devc::app
