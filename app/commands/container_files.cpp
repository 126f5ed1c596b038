#include <memory>
#include <unistd.h>

#include "app/commands/container.h"
#include "app/commands/noun.h"
#include "app/ui/table.h"
#include "engine/container/commit.h"
#include "engine/container/copy.h"
#include "engine/container/diff.h"
#include "engine/engine.h"
#include "engine/error.h"
#include "engine/linux/output_file.h"

namespace devc::app {
namespace {

using engine::Error;

engine::Containers& containersOf(Context& context) { return context.engine().containers(); }

/// "CONTAINER:PATH" or a path outside. As docker: what begins with "/" or "." is a path, whatever colons it has.
struct Place {
    std::string container, path;
    explicit Place(const std::string& text) : path(text) {
        if (text.empty()) throw Error("an empty path names nothing");
        const std::size_t colon = text.find(':');
        if (text[0] == '/' || text[0] == '.' || colon == std::string::npos || colon == 0) return;
        container = text.substr(0, colon);
        path = text.substr(colon + 1);
        if (container.find('/') != std::string::npos) {
            container.clear();
            path = text;
        }
    }
};

}  // namespace

void copyFiles(Context& context, const std::string& container, const std::string& source, const std::string& destination, bool in, const engine::CopyOptions& options) {
    const engine::ContainerRoot root = containersOf(context).openRoot(container);
    const engine::Host& host = context.engine().host();
    if (in && source == "-") return engine::copyInFromTar(host, root, STDIN_FILENO, destination, options);
    if (in) return engine::copyIn(host, root, source, destination, options);
    if (destination != "-") return engine::copyOut(host, root, source, destination, options);
    if (::isatty(STDOUT_FILENO) == 1) throw Error("an archive is not for a terminal").hint("redirect the output");
    engine::copyOutAsTar(host, root, source, STDOUT_FILENO, options);
}

void exportContainer(Context& context, const std::string& container, const std::string& output) {
    const engine::ContainerRoot root = containersOf(context).openRoot(container, true);
    if (output.empty()) {
        if (::isatty(STDOUT_FILENO) == 1) throw Error("an archive is not for a terminal").hint("use -o FILE or redirect the output");
        return engine::exportTree(context.engine().host(), root, STDOUT_FILENO);
    }
    engine::OutputFile file(output, 0600);
    engine::exportTree(context.engine().host(), root, file.get());
    file.finish();
}

void addContainerCopy(CLI::App& command, Context& context) {
    struct Flags {
        engine::CopyOptions options;
        bool quiet = false;
        std::string source, destination;
    };
    const auto flags = std::make_shared<Flags>();
    command.add_flag("-a,--archive", flags->options.keepOwner, "Archive mode (copy all uid/gid information)");
    command.add_flag("-L,--follow-link", flags->options.follow, "Always follow symbol link in SRC_PATH");
    command.add_flag("-q,--quiet", flags->quiet, "Suppress progress output during copy");
    command.add_option("source", flags->source, "CONTAINER:PATH, PATH or -")->required();
    command.add_option("destination", flags->destination, "CONTAINER:PATH, PATH or -")->required();
    command.callback([flags, &context] {
        const Place from(flags->source), to(flags->destination);
        if (from.container.empty() == to.container.empty())
            throw Error(from.container.empty() ? "must specify at least one container source" : "copying between containers is not supported");
        const bool in = from.container.empty();
        copyFiles(context, in ? to.container : from.container, from.path, to.path, in, flags->options);
    });
}

void addContainerDiff(CLI::App& command, Context& context) {
    const auto name = std::make_shared<std::string>();
    command.add_option("container", *name)->required();
    command.callback([name, &context] {
        for (const engine::FileChange& change : containersOf(context).changes(*name)) {
            const char kind = change.kind == engine::ChangeKind::Added ? 'A' : change.kind == engine::ChangeKind::Deleted ? 'D' : 'C';
            out(fmt::format("{} {}\n", kind, escapeControls(change.path)));
        }
    });
}

void addContainerExport(CLI::App& command, Context& context) {
    const auto words = std::make_shared<std::pair<std::string, std::string>>();
    command.add_option("-o,--output", words->second, "Write to a file, instead of STDOUT");
    command.add_option("container", words->first)->required();
    command.callback([words, &context] { exportContainer(context, words->first, words->second); });
}

void addContainerCommit(CLI::App& command, Context& context) {
    struct Flags {
        engine::CommitRequest request;
        std::string container;
        bool noPause = false;
    };
    const auto flags = std::make_shared<Flags>();
    command.add_option("-a,--author", flags->request.author, "Author (e.g., \"John Hannibal Smith <hannibal@a-team.com>\")");
    addList(command, "-c,--change", flags->request.changes, "Apply Dockerfile instruction to the created image");
    command.add_option("-m,--message", flags->request.message, "Commit message");
    command.add_flag("-p,--pause", flags->request.pause, "Pause container during commit");
    command.add_flag("--no-pause", flags->noPause, "Do not pause the container during commit");
    command.add_option("container", flags->container)->required();
    command.add_option("reference", flags->request.reference, "REPOSITORY[:TAG]");
    command.callback([flags, &context] {
        flags->request.pause = flags->request.pause && !flags->noPause;
        out(containersOf(context).commit(flags->container, flags->request).id + "\n");
    });
}

}  // namespace devc::app
