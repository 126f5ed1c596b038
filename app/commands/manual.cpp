// `devc __manual FOLDER`: the manual pages, made from the definitions of the commands when devc is built.
#include <algorithm>
#include <cctype>
#include <filesystem>

#include "app/commands/commands.h"
#include "app/global_options.h"
#include "engine/linux/fd.h"

namespace devc::app {
namespace {

/// Text of a page: what roff would take for an instruction is made a plain character.
std::string roff(const std::string& text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool first = i == 0 || text[i - 1] == '\n';
        if (first && (text[i] == '.' || text[i] == '\'')) result += "\\&";
        if (text[i] == '-') result += "\\-";
        else if (text[i] == '\\') result += "\\e";
        else result += text[i];
    }
    return result;
}

std::string upperCase(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

/// "devc up" -> "devc-up".
std::string pageName(std::string line) {
    std::replace(line.begin(), line.end(), ' ', '-');
    return line;
}

bool isShown(const CLI::Option* option) { return !option->get_group().empty() && !option->get_positional(); }

std::vector<const CLI::App*> commandsIn(const CLI::App& app) {
    return app.get_subcommands([](const CLI::App* one) { return !one->get_group().empty(); });
}

std::string argumentsOf(const CLI::App& app) {
    std::string result;
    for (const CLI::Option* option : app.get_options()) {
        if (!option->get_positional()) continue;
        const std::string name = upperCase(option->get_name(true, false)) + (option->get_expected_max() > 1 ? "..." : "");
        result += option->get_required() ? " " + name : " [" + name + "]";
    }
    return result;
}

std::string optionsOf(const CLI::App& app) {
    std::string result;
    for (const CLI::Option* option : app.get_options(isShown)) {
        std::string names = option->get_name(false, true);
        for (std::size_t at = 0; (at = names.find(',', at)) != std::string::npos; at += 2) names.insert(at + 1, " ");
        result += ".TP\n.B " + roff(names) + (option->get_expected_max() > 0 ? " \\fI" + roff(option->get_type_name()) + "\\fR" : "") + "\n" +
                  roff(option->get_description()) + "\n";
    }
    return result;
}

std::string pageOf(const CLI::App& app, const std::string& line) {
    const std::vector<const CLI::App*> commands = commandsIn(app);
    std::string page = ".TH " + roff(upperCase(pageName(line))) + " 1 \"\" \"devc " DEVC_VERSION "\" \"devc\"\n.SH NAME\n" + roff(pageName(line)) +
                       " \\- " + roff(app.get_description()) + "\n.SH SYNOPSIS\n.B " + roff(line) + "\n[OPTIONS]" + roff(argumentsOf(app)) +
                       (commands.empty() ? "" : " COMMAND") + "\n";
    if (const std::string options = optionsOf(app); !options.empty()) page += ".SH OPTIONS\n" + options;
    if (!commands.empty()) page += ".SH COMMANDS\n";
    for (const CLI::App* command : commands)
        page += ".TP\n.B " + roff(command->get_name()) + "\n" + roff(command->get_description()) + "\n";
    if (line != "devc") page += ".SH SEE ALSO\n.BR devc (1)\n";
    return page;
}

void writePages(const CLI::App& app, const std::string& line, const std::filesystem::path& folder) {
    engine::writeFileAtomically((folder / (pageName(line) + ".1")).string(), pageOf(app, line), 0644);
    for (const CLI::App* command : commandsIn(app)) writePages(*command, line + " " + command->get_name(), folder);
}

void writeManual(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    Context context;
    CLI::App root("Compose, builds and containers without a daemon", "devc");
    addGlobalOptions(root, context.options);
    for (const Command& command : commands())
        if (!command.hidden) command.add(root, context);
    writePages(root, "devc", folder);
}

}  // namespace

void addManual(CLI::App& parent, Context&) {
    const auto folder = std::make_shared<std::string>();
    CLI::App* command = parent.add_subcommand("__manual", "Write the manual pages");
    command->add_option("folder", *folder, "Where they are written")->required();
    command->callback([folder] { writeManual(*folder); });
}

}  // namespace devc::app
