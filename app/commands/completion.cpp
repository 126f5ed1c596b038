#include <algorithm>
#include <memory>

#include "app/arguments.h"
#include "app/commands/commands.h"
#include "app/commands/completion_scripts.h"
#include "app/commands/noun.h"
#include "app/completion.h"
#include "app/global_options.h"
#include "app/ui/table.h"
#include "compose/load.h"
#include "engine/engine.h"

namespace devc::app {
namespace {

void addProjectNames(std::vector<std::string>& names, const compose::Project& project, const std::string& kind) {
    if (kind == "service")
        for (const auto& service : project.services) names.push_back(service.first);
    if (kind == "profile") {
        const auto profiles = project.profiles();
        names.insert(names.end(), profiles.begin(), profiles.end());
    }
}

std::vector<std::string> namesOf(Context& context, const std::string& kind) {
    std::vector<std::string> names;
    try {
        if (kind == "service" || kind == "profile") addProjectNames(names, context.project(), kind);
        else if (kind == "container")
            for (const engine::Container& container : context.engine().containers().list()) names.push_back(container.name);
        else if (kind == "image")
            for (const engine::Image& image : context.engine().images().list())
                for (const std::string& reference : image.references) names.push_back(engine::Reference::parse(reference).familiar());
        else if (kind == "volume")
            for (const engine::Volume& volume : context.engine().volumes().list()) names.push_back(volume.spec.name);
        else if (kind == "network")
            for (const engine::Network& network : context.engine().networks().list()) names.push_back(network.spec.name);
    } catch (const std::exception&) {  // nothing to offer is no failure
    }
    return names;
}

void print(const Completion& completion) {
    for (const Candidate& candidate : completion.candidates)
        out(escapeControls(candidate.text) + (candidate.help.empty() ? "" : "\t" + candidate.help) + "\n");
    if (completion.files) out(":files\n");
}

void completeWords(Context& context, std::vector<std::string> words) {
    CLI::App root("", "devc");
    root.option_defaults()->take_last();
    addGlobalOptions(root, context.options);
    // `help up` is completed as `up`.
    if (const std::size_t at = commandPosition(root, words); at + 1 < words.size() && words[at] == "help")
        words.erase(words.begin() + static_cast<std::ptrdiff_t>(at));
    std::vector<std::string> before(words.begin(), words.empty() ? words.end() : words.end() - 1);
    const std::string name = findCommand(root, before);
    // The global flags as they are so far: which project it is, where the engine is.
    std::vector<std::string> flags(before.begin(), std::find(before.begin(), before.end(), name));
    try {
        root.parse(std::vector<std::string>(flags.rbegin(), flags.rend()));
    } catch (const CLI::ParseError&) {  // not complete yet
    }
    for (const Command& command : commands()) {
        if (!name.empty() && command.name != name) continue;
        if (!name.empty()) command.add(root, context);
        else if (!command.hidden) root.add_subcommand(std::string(command.name), std::string(command.help));
    }
    print(complete(root, words, [&](const std::string& kind) { return namesOf(context, kind); }));
}

}  // namespace

void addCompletion(CLI::App& parent, Context&) {
    const auto shell = std::make_shared<std::string>();
    CLI::App* command = parent.add_subcommand("completion", "Print a completion script for a shell");
    command->add_option("shell", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
    command->callback([shell] { out(*shell == "bash" ? bashCompletion : *shell == "zsh" ? zshCompletion : fishCompletion); });
}

void addComplete(CLI::App& parent, Context& context) {
    const auto words = std::make_shared<std::vector<std::string>>();
    CLI::App* command = parent.add_subcommand("__complete", "What may stand at the cursor");
    addProgram(*command, *words, "words", "");
    command->callback([words, &context] { completeWords(context, *words); });
}

}  // namespace devc::app
