// graph: the project's services, and what ties them together, as text or as a picture.
#include <memory>

#include "app/commands/commands.h"
#include "app/commands/noun.h"
#include "app/commands/project.h"
#include "app/graph/timing.h"
#include "app/graph/view.h"
#include "compose/graph.h"
#include "engine/engine.h"
#include "engine/error.h"
#include "engine/linux/output_file.h"

namespace devc::app {
namespace {

std::string timingText(Context& context, const std::string& format) {
    if (format != "text" && format != "json") throw engine::Error::of("--timing has no format {}", format).hint("use --format text or json");
    const auto timing = keptTiming(context.engine().host().runDir, context.projectName());
    if (!timing) throw engine::Error::of("no `up` of project {} is known that started or changed anything", context.projectName()).hint("`devc up -d` leaves its times");
    return format == "json" ? timingAsJson(*timing) : timingAsText(*timing);
}

}  // namespace

void addGraph(CLI::App& parent, Context& context) {
    struct Flags {
        std::string format = "text";
        std::string output;
        bool timing = false;
        std::vector<std::string> services;
    };
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = parent.add_subcommand("graph", "Show services, what they wait for, networks, volumes and ports");
    command->add_option("--format", flags->format, "text, dot, svg or json")->check(CLI::IsMember({"text", "dot", "svg", "json"}));
    command->add_option("-o,--output", flags->output, "Write to a file, instead of STDOUT");
    command->add_flag("--timing", flags->timing, "What the last `up` did: the longest way, and what waited for what (text or json)");
    addServices(*command, flags->services);
    command->callback([flags, &context] {
        const auto show = [&](const std::string& text) {
            if (flags->output.empty()) out(text);
            else engine::writeOutput(flags->output, text);
        };
        if (flags->timing) return show(timingText(context, flags->format));
        const ProjectGraph graph = graphOf(compose::select(context.project(flags->services), flags->services));
        const std::string text = flags->format == "dot"    ? graphAsDot(graph)
                                 : flags->format == "svg"  ? graphAsSvg(graph)
                                 : flags->format == "json" ? graphAsJson(graph)
                                                           : graphAsText(graph);
        show(text);
    });
}

}  // namespace devc::app
