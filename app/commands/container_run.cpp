#include <cstdio>
#include <memory>

#include <unistd.h>

#include "app/commands/container.h"
#include "app/commands/container_flags.h"
#include "app/commands/noun.h"
#include "app/report.h"
#include "app/ui/progress.h"
#include "engine/engine.h"
#include "engine/error.h"
#include "engine/linux/fd.h"

namespace devc::app {
namespace {

using engine::Container;
using engine::ContainerSpec;
using engine::Error;

struct RunFlags {
    ContainerFlags container;
    bool detach = false, signalProxy = true, disableContentTrust = true;
    std::string detachKeys;
    std::vector<std::string> words;
};

engine::Image imageFor(Context& context, const RunFlags& flags, const std::string& reference) {
    engine::Images& images = context.engine().images();
    std::optional<engine::Image> image;
    if (flags.container.pull != "always") image = images.find(reference);
    if (image) return *image;
    if (flags.container.pull == "never") throw engine::NotFound("No such image: " + reference, 125);
    if (flags.container.pull == "missing") std::fprintf(stderr, "Unable to find image '%s' locally\n", engine::Reference::parse(reference).familiar().c_str());
    const auto progress = Progress::make(flags.container.quiet ? ProgressMode::Quiet : parseProgress(context.options.progress),
                                         parseAnsi(context.options.ansi), false, "Pulling");
    return images.pull(reference, flags.container.platform, [&](const std::string& id, const std::string& status, std::uint64_t current, std::uint64_t total) {
        const bool ended = total == 0 || current >= total;
        progress->event({id, status, ended ? ProgressState::Done : ProgressState::Working, {}, {}, current, total});
    });
}

Container create(Context& context, const RunFlags& flags, bool attached) {
    ContainerSpec spec = flags.container.spec(flags.words);
    if (!flags.container.cidfile.empty() && ::access(flags.container.cidfile.c_str(), F_OK) == 0)
        throw Error::of("container ID file found, make sure the other container isn't running or delete {}", flags.container.cidfile);
    const auto& wanted = flags.container.attach;
    const auto attaches = [&](const char* stream) {
        for (const std::string& name : wanted)
            if (::strcasecmp(name.c_str(), stream) == 0) return true;
        return wanted.empty();
    };
    spec.attachStdin = attached && flags.container.interactive && attaches("stdin");
    spec.attachStdout = attached && attaches("stdout");
    spec.attachStderr = attached && attaches("stderr");
    spec.stdinOnce = attached && flags.container.interactive;
    spec.imageId = imageFor(context, flags, spec.image).id;
    Container container = context.engine().containers().create(std::move(spec));
    if (!flags.container.cidfile.empty()) engine::writeFileAtomically(flags.container.cidfile, container.id, 0644);
    return container;
}

void runContainer(Context& context, const RunFlags& flags) {
    if (flags.detach && !flags.container.attach.empty()) throw Error("Conflicting options: -a and -d", 125);
    const bool attached = !flags.detach;
    if (attached && flags.container.tty && flags.container.interactive && ::isatty(STDIN_FILENO) != 1)
        throw Error("the input device is not a TTY", 1);
    const Container container = create(context, flags, attached);
    if (!attached) {
        startOrRemove(context, container, nullptr);
        return out(container.id + "\n");
    }
    engine::Attachment attachment = engine::Attachment::beforeStart(container.spec.attachStdin, container.spec.tty);
    startOrRemove(context, container, &attachment);
    const bool proxies = flags.signalProxy && !container.spec.tty;
    if (const std::optional<int> status = attachment.run(context.engine().host(), container.id, proxies, flags.detachKeys)) context.status = *status;
}

/// What goes wrong before the program runs ends with 125, but for the statuses that the start itself gives (126, 127).
template <typename Work>
void withRunStatus(Work&& work) {
    try {
        work();
    } catch (Error& error) {
        if (error.exitStatus() == 1 || error.exitStatus() == 2) error.status(125);
        throw;
    }
}

}  // namespace

void warn(const std::vector<std::string>& sentences) {
    for (const std::string& sentence : sentences) reportLine("warning: ", sentence);
}

void startOrRemove(Context& context, const Container& container, const engine::Attachment* attachment) {
    try {
        warn(context.engine().containers().start(container.id, attachment));
    } catch (const Error&) {
        const std::exception_ptr why = std::current_exception();
        if (container.spec.autoRemove) {
            try {
                context.engine().containers().remove(container.id, true, true);
            } catch (const engine::NotFound&) {  // the monitor was faster
            }
        }
        std::rethrow_exception(why);
    }
}

void addContainerRun(CLI::App& command, Context& context) {
    const auto flags = std::make_shared<RunFlags>();
    flags->container.addTo(command);
    command.add_flag("-d,--detach", flags->detach, "Run container in background and print container ID");
    command.add_option("--detach-keys", flags->detachKeys, "Override the key sequence for detaching a container");
    command.add_flag("--sig-proxy", flags->signalProxy, "Proxy received signals to the process");
    command.add_flag("--disable-content-trust", flags->disableContentTrust, "Skip image verification");
    addProgram(command, flags->words, "image", "Image, command and its arguments");
    command.get_option("image")->required();
    command.callback([flags, &context] { withRunStatus([&] { runContainer(context, *flags); }); });
}

void addContainerCreate(CLI::App& command, Context& context) {
    const auto flags = std::make_shared<RunFlags>();
    flags->container.addTo(command);
    addProgram(command, flags->words, "image", "Image, command and its arguments");
    command.get_option("image")->required();
    command.callback([flags, &context] { withRunStatus([&] { out(create(context, *flags, true).id + "\n"); }); });
}

}  // namespace devc::app
