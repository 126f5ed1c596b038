// exec and attach: into containers that run.
#include <memory>

#include <unistd.h>

#include "app/commands/commands.h"
#include "app/commands/noun.h"
#include "app/commands/project.h"
#include "engine/engine.h"
#include "engine/error.h"

namespace devc::app {
namespace {

using engine::Container;

struct ExecFlags {
    engine::ExecSpec spec;
    int index = 0;
    bool noTty = false, tty = false, interactive = true;
    std::vector<std::string> environment, words;
};

void exec(Context& context, ExecFlags& flags) {
    const std::string service = flags.words.front();
    const Container container = containerOfService(context, service, flags.index);
    if (onlySaid(context, container.name, "Executing", "Executed")) return;
    flags.spec.command.assign(flags.words.begin() + 1, flags.words.end());
    flags.spec.environment = environmentOf({}, flags.environment);
    flags.spec.tty = !flags.noTty && !flags.spec.detach && ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
    flags.spec.interactive = flags.interactive;
    context.status = context.engine().containers().exec(container.id, flags.spec);
}

}  // namespace

void addExec(CLI::App& parent, Context& context) {
    const auto flags = std::make_shared<ExecFlags>();
    CLI::App* command = parent.add_subcommand("exec", "Execute a command in a running container");
    command->add_flag("-d,--detach", flags->spec.detach, "Detached mode: Run command in the background");
    addList(*command, "-e,--env", flags->environment, "Set environment variables");
    command->add_option("--index", flags->index, "Index of the container if service has multiple replicas");
    command->add_flag("-T,--no-tty,--no-TTY", flags->noTty, "Disable pseudo-TTY allocation");
    command->add_flag("-t,--tty", flags->tty, "Allocate a pseudo-TTY")->group("");
    command->add_flag("-i,--interactive,!--no-interactive", flags->interactive, "Keep STDIN open even if not attached")->group("");
    command->add_flag("--privileged", flags->spec.privileged, "Give extended privileges to the process");
    command->add_option("-u,--user", flags->spec.user, "Run the command as this user");
    command->add_option("-w,--workdir", flags->spec.workingDir, "Path to workdir directory for this command");
    addProgram(*command, flags->words, "service", "Service, command and its arguments");
    command->get_option("service")->required();
    command->callback([flags, &context] {
        if (flags->words.size() < 2) throw engine::Error("exec needs a service and a command", 2).hint("devc exec SERVICE COMMAND [ARGS...]");
        exec(context, *flags);
    });
}

void addAttach(CLI::App& parent, Context& context) {
    struct Flags {
        std::string detachKeys, service;
        int index = 0;
        bool noInput = false, signalProxy = true;
    };
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = parent.add_subcommand("attach", "Attach local standard input, output, and error streams to a service's running container");
    command->add_option("--detach-keys", flags->detachKeys, "Override the key sequence for detaching from a container");
    command->add_option("--index", flags->index, "Index of the container if service has multiple replicas");
    command->add_flag("--no-stdin", flags->noInput, "Do not attach STDIN");
    command->add_flag("--sig-proxy,!--no-sig-proxy", flags->signalProxy, "Proxy all received signals to the process");
    command->add_option("service", flags->service, "Service")->required();
    command->callback([flags, &context] {
        const Container container = containerOfService(context, flags->service, flags->index);
        const engine::Host& host = context.engine().host();
        const bool input = !flags->noInput && container.spec.openStdin;
        engine::Attachment attachment = engine::Attachment::toRunning(host, container.id, input, container.spec.tty);
        if (const auto status = attachment.run(host, container.id, flags->signalProxy && !container.spec.tty, flags->detachKeys)) context.status = *status;
    });
}

}  // namespace devc::app
