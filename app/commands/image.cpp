#include <fcntl.h>
#include <memory>
#include <unistd.h>

#include "app/commands/image_views.h"
#include "app/commands/noun.h"
#include "app/ui/human.h"
#include "app/ui/progress.h"
#include "app/ui/prompt.h"
#include "engine/engine.h"
#include "engine/error.h"
#include "engine/linux/fd.h"
#include "engine/linux/output_file.h"

namespace devc::app {

using engine::Error;
using engine::Fd;
using engine::Image;
using engine::Reference;

namespace {

/// Shows the layers of one image on their way.
class TransferView {
public:
    TransferView(const Context& context, bool quiet, const std::string& image, const char* title, std::string verb)
        : image_(image), view_(Progress::make(quiet ? ProgressMode::Quiet : parseProgress(context.options.progress), parseAnsi(context.options.ansi), false, title)) {
        view_->working(image_, std::move(verb));
    }
    engine::ProgressSink sink() {
        return [this](const std::string& id, const std::string& status, std::uint64_t current, std::uint64_t total) {
            bool done = status.ends_with("complete") || status.ends_with("exists") || status == "Pushed" || status.starts_with("Mounted");
            view_->event({id, status, done ? ProgressState::Done : ProgressState::Working, image_, {}, current, total});
        };
    }
    void done(const std::string& text) {
        view_->done(image_, text);
        view_->finish();
    }

private:
    std::string image_;
    std::unique_ptr<Progress> view_;
};

Fd openInput(const std::string& path) {
    if (path != "-") return engine::openFile(path, O_RDONLY);
    return Fd(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
}

void addImport(CLI::App& command, Context& context) {
    struct Flags {
        std::vector<std::string> changes;
        std::string message, file, reference, platform;
    };
    auto flags = std::make_shared<Flags>();
    addList(command, "-c,--change", flags->changes, "Dockerfile instruction applied to the image");
    command.add_option("-m,--message", flags->message, "Comment of the image");
    command.add_option("file", flags->file, "Tar of a root file system, compressed or not; - is standard input")->required();
    command.add_option("reference", flags->reference, "REPOSITORY[:TAG]");
    command.callback([flags, &context] {
        Fd tar = openInput(flags->file);
        try {
            out(context.engine().images().import(tar.get(), flags->reference, flags->changes, flags->message).id + "\n");
        } catch (Error& error) {
            throw error.during("cannot import {}", flags->file);
        }
    });
}

void addLoad(CLI::App& command, Context& context) {
    struct Flags {
        std::string input;
        bool quiet = false;
    };
    auto flags = std::make_shared<Flags>();
    command.add_option("-i,--input", flags->input, "File in place of standard input");
    command.add_flag("-q,--quiet", flags->quiet, "No progress");
    command.callback([flags, &context] {
        if (flags->input.empty() && ::isatty(STDIN_FILENO) == 1) throw Error("standard input is a terminal, not an archive").hint("use -i FILE");
        Fd tar = openInput(flags->input.empty() ? "-" : flags->input);
        try {
            for (const Image& image : context.engine().images().load(tar.get())) {
                for (const std::string& reference : image.references) out("Loaded image: " + Reference::parse(reference).familiar() + "\n");
                if (image.references.empty()) out("Loaded image ID: " + image.id + "\n");
            }
        } catch (Error& error) {
            throw error.during("cannot load {}", flags->input.empty() ? "standard input" : flags->input);
        }
    });
}

void addSave(CLI::App& command, Context& context) {
    struct Flags {
        std::string output;
        std::vector<std::string> names;
    };
    auto flags = std::make_shared<Flags>();
    command.add_option("-o,--output", flags->output, "File in place of standard output");
    addNames(command, flags->names, "image");
    command.callback([flags, &context] {
        if (flags->output.empty()) {
            if (::isatty(STDOUT_FILENO) == 1) throw Error("an archive is not for a terminal").hint("use -o FILE or redirect the output");
            context.engine().images().save(flags->names, STDOUT_FILENO);
            return;
        }
        engine::OutputFile file(flags->output, 0600);
        context.engine().images().save(flags->names, file.get());
        file.finish();
    });
}

void addPullImage(CLI::App& command, Context& context) {
    struct Flags {
        std::string name, platform;
        bool quiet = false;
    };
    auto flags = std::make_shared<Flags>();
    command.add_option("image", flags->name, "NAME[:TAG|@DIGEST]")->required();
    command.add_option("--platform", flags->platform, "OS/ARCHITECTURE of the image if it has several");
    command.add_flag("-q,--quiet", flags->quiet, "No progress");
    command.callback([flags, &context] {
        Reference reference = Reference::parse(flags->name);
        TransferView view(context, flags->quiet, reference.familiar(), "Pulling", "Pulling");
        std::optional<Image> before = context.engine().images().find(reference.normalized());
        Image image = context.engine().images().pull(flags->name, flags->platform, view.sink());
        view.done(before && before->id == image.id ? "Image is up to date" : "Pulled");
        out(reference.normalized() + "\n");
    });
}

void addPushImage(CLI::App& command, Context& context) {
    struct Flags {
        std::string name;
        bool quiet = false;
    };
    auto flags = std::make_shared<Flags>();
    command.add_option("image", flags->name, "NAME[:TAG]")->required();
    command.add_flag("-q,--quiet", flags->quiet, "No progress");
    command.callback([flags, &context] {
        Reference reference = Reference::parse(flags->name);
        TransferView view(context, flags->quiet, reference.familiar(), "Pushing", "Pushing");
        context.engine().images().push(flags->name, view.sink());
        view.done("Pushed");
        if (flags->quiet) out(reference.normalized() + "\n");
    });
}

void addTag(CLI::App& command, Context& context) {
    struct Flags {
        std::string source, target;
    };
    auto flags = std::make_shared<Flags>();
    command.add_option("source", flags->source, "IMAGE")->required();
    command.add_option("target", flags->target, "NAME[:TAG]")->required();
    command.callback([flags, &context] { context.engine().images().tag(flags->source, flags->target); });
}

void addRemove(CLI::App& command, Context& context) {
    struct Flags {
        std::vector<std::string> names;
        bool force = false, keepParents = false;
    };
    auto flags = std::make_shared<Flags>();
    command.add_flag("-f,--force", flags->force, "Also when it has several names or stopped containers");
    command.add_flag("--no-prune", flags->keepParents, "Accepted; devc keeps no untagged parents");
    addNames(command, flags->names, "image");
    command.callback([flags, &context] {
        forEachName(context, flags->names, [&](const std::string& name) {
            if (flags->force && !context.engine().images().find(name)) return;
            for (const std::string& line : context.engine().images().remove(name, flags->force)) out(line + "\n");
        }, false);
    });
}

void addPrune(CLI::App& command, Context& context) {
    struct Flags {
        bool all = false, force = false;
    };
    auto flags = std::make_shared<Flags>();
    command.add_flag("-a,--all", flags->all, "All images that no container uses, not only untagged ones");
    command.add_flag("-f,--force", flags->force, "Do not ask");
    command.callback([flags, &context] {
        const char* what = flags->all ? "WARNING! This will remove all images without at least one container associated to them."
                                      : "WARNING! This will remove all dangling images.";
        if (!flags->force && !confirm(std::string(what) + "\nAre you sure you want to continue?")) return;
        std::uint64_t freed = context.engine().images().collect(flags->all);
        out("Total reclaimed space: " + humanSize(static_cast<double>(freed)) + "\n");
    });
}

}  // namespace

void addImage(CLI::App& parent, Context& context) {
    addNoun(parent, context, "image", "Manage images",
            {
                {"build", {}, "Build an image from a Dockerfile", addImageBuild},
                {"diff", {}, "Show what differs between the files of two images", addImageDiff},
                {"history", {}, "Show the steps an image was made by", addImageHistory},
                {"import", {}, "Make an image of a root file system", addImport},
                {"inspect", {}, "Show all about images", addImageInspect},
                {"load", {}, "Load images from an archive", addLoad},
                {"ls", {"list"}, "List images", addImageLs},
                {"prune", {}, "Remove unused images", addPrune},
                {"pull", {}, "Fetch an image from a registry", addPullImage},
                {"push", {}, "Send an image to a registry", addPushImage},
                {"rm", {"remove"}, "Remove images", addRemove},
                {"save", {}, "Write images to an archive", addSave},
                {"search", {}, "Search a registry for images", addImageSearch},
                {"tag", {}, "Give an image another name", addTag},
                {"tree", {}, "Show the layers of an image, what they change and what they waste", addImageTree},
            });
}

}  // namespace devc::app
