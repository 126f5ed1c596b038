// graph: the project's services, and what ties them together, as text or as a picture.
#include <memory>

#include "app/commands/commands.h"
#include "app/commands/noun.h"
#include "app/commands/project.h"
#include "app/graph/view.h"
#include "compose/graph.h"
#include "engine/linux/fd.h"

namespace devc::app {

void addGraph(CLI::App& parent, Context& context) {
    struct Flags {
        std::string format = "text";
        std::string output;
        std::vector<std::string> services;
    };
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = parent.add_subcommand("graph", "Show services, what they wait for, networks, volumes and ports");
    command->add_option("--format", flags->format, "text, dot, svg or json")->check(CLI::IsMember({"text", "dot", "svg", "json"}));
    command->add_option("-o,--output", flags->output, "Write to a file, instead of STDOUT");
    addServices(*command, flags->services);
    command->callback([flags, &context] {
        const ProjectGraph graph = graphOf(compose::select(context.project(flags->services), flags->services));
        const std::string text = flags->format == "dot"    ? graphAsDot(graph)
                                 : flags->format == "svg"  ? graphAsSvg(graph)
                                 : flags->format == "json" ? graphAsJson(graph)
                                                           : graphAsText(graph);
        if (flags->output.empty()) return out(text);
        engine::writeFileAtomically(flags->output, text, 0644);
    });
}

}  // namespace devc::app
