// cp, export, commit: files of a service's container.
#include <memory>

#include <fmt/format.h>

#include "app/commands/commands.h"
#include "app/commands/container.h"
#include "app/commands/noun.h"
#include "app/commands/project.h"
#include "app/project/observe.h"
#include "engine/container/commit.h"
#include "engine/container/copy.h"
#include "engine/engine.h"
#include "engine/error.h"

namespace devc::app {
namespace {

using engine::Container;
using engine::Error;

struct CopyFlags {
    engine::CopyOptions options;
    bool all = false;
    int index = 0;
    std::string source, destination;
};

/// "SERVICE:PATH" -> service and path; a path outside has no service.
std::pair<std::string, std::string> placeOf(const std::string& text) {
    const std::size_t colon = text.find(':');
    if (text.empty() || text[0] == '/' || text[0] == '.' || colon == std::string::npos || text.find('/') < colon) return {"", text};
    return {text.substr(0, colon), text.substr(colon + 1)};
}

void copy(Context& context, const CopyFlags& flags) {
    const auto [fromService, from] = placeOf(flags.source);
    const auto [toService, to] = placeOf(flags.destination);
    if (fromService.empty() == toService.empty())
        throw Error(fromService.empty() ? "unknown copy direction: one of the two places must be SERVICE:PATH" : "copying between services is not supported");
    const bool in = fromService.empty();
    const std::string& service = in ? toService : fromService;
    std::vector<Container> containers;
    if (in && flags.index == 0) containers = containersOfServices(context, {service}, flags.all);
    else containers = {containerOfService(context, service, flags.index, true)};
    if (containers.empty()) throw Error::of("no container found for service \"{}\"", service);
    // A tar on standard input can be read once only.
    if (from == "-") containers.resize(1);
    for (const Container& container : containers)
        if (!onlySaid(context, container.name, "Copying", "Copied")) copyFiles(context, container.id, from, to, in, flags.options);
}

}  // namespace

void addCopy(CLI::App& parent, Context& context) {
    const auto flags = std::make_shared<CopyFlags>();
    CLI::App* command = parent.add_subcommand("cp", "Copy files/folders between a service container and the local filesystem");
    command->add_flag("-a,--archive", flags->options.keepOwner, "Archive mode (copy all uid/gid information)");
    command->add_flag("-L,--follow-link", flags->options.follow, "Always follow symbol link in SRC_PATH");
    command->add_flag("--all", flags->all, "Include containers created by the run command");
    command->add_option("--index", flags->index, "Index of the container if service has multiple replicas");
    command->add_option("source", flags->source, "SERVICE:PATH, PATH or -")->required();
    command->add_option("destination", flags->destination, "SERVICE:PATH, PATH or -")->required();
    command->callback([flags, &context] { copy(context, *flags); });
}

void addExport(CLI::App& parent, Context& context) {
    struct Flags {
        int index = 0;
        std::string output, service;
    };
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = parent.add_subcommand("export", "Export a service container's filesystem as a tar archive");
    command->add_option("-o,--output", flags->output, "Write to a file, instead of STDOUT");
    command->add_option("--index", flags->index, "Index of the container if service has multiple replicas");
    command->add_option("service", flags->service, "Service")->required();
    command->callback([flags, &context] {
        const Container container = containerOfService(context, flags->service, flags->index, true);
        if (!onlySaid(context, container.name, "Exporting", "Exported")) exportContainer(context, container.id, flags->output);
    });
}

void addCommit(CLI::App& parent, Context& context) {
    struct Flags {
        engine::CommitRequest request;
        int index = 0;
        std::string service;
    };
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = parent.add_subcommand("commit", "Create a new image from a service container's changes");
    command->add_option("-a,--author", flags->request.author, "Author (e.g., \"John Hannibal Smith <hannibal@a-team.com>\")");
    addList(*command, "-c,--change", flags->request.changes, "Apply Dockerfile instruction to the created image");
    command->add_option("-m,--message", flags->request.message, "Commit message");
    command->add_flag("-p,--pause,!--no-pause", flags->request.pause, "Pause container during commit");
    command->add_option("--index", flags->index, "Index of the container if service has multiple replicas");
    command->add_option("service", flags->service, "Service")->required();
    command->add_option("repository", flags->request.reference, "REPOSITORY[:TAG]");
    command->callback([flags, &context] {
        const Container container = containerOfService(context, flags->service, flags->index, true);
        if (onlySaid(context, container.name, "Committing", "Committed")) return;
        out(context.engine().containers().commit(container.id, flags->request).id + "\n");
    });
}

}  // namespace devc::app
