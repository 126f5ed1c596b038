#include "app/usage.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "app/arguments.h"
#include "compose/problems.h"

namespace devc::app {
namespace {

/// The command that the line has reached: `container run`, and how it is called from the shell.
struct Reached {
    const CLI::App* app;
    std::string line;
};

Reached reachedBy(const CLI::App& root) {
    Reached result{&root, "devc"};
    while (!result.app->get_subcommands().empty()) {
        result.app = result.app->get_subcommands().front();
        result.line += " " + result.app->get_name();
    }
    return result;
}

std::string upperCase(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

class HelpFormat : public CLI::Formatter {
public:
    std::string make_usage(const CLI::App* app, std::string name) const override {
        std::string text = CLI::Formatter::make_usage(app, name);
        // What a program is given is one list to the parser.
        if (app->get_positionals_at_end() && text.ends_with("...\n")) text.replace(text.size() - 4, 4, " [COMMAND] [ARG...]\n");
        return text;
    }
    std::string make_option_usage(const CLI::Option* option) const override {
        const std::string name = upperCase(option->get_name(true, false)) + (option->get_expected_max() > 1 ? "..." : "");
        return option->get_required() ? name : "[" + name + "]";
    }
    std::string make_option_opts(const CLI::Option* option) const override {
        return option->get_positional() ? std::string() : CLI::Formatter::make_option_opts(option);
    }
};

std::string near(const std::string& wrong, const std::vector<std::string>& names, const std::string& otherwise) {
    const std::vector<std::string_view> views(names.begin(), names.end());
    const std::string meant = compose::didYouMean(wrong, views);
    return meant.empty() ? otherwise : meant;
}

std::vector<std::string> commandsOf(const CLI::App& app) {
    std::vector<std::string> result;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App* one) { return !one->get_group().empty(); }))
        result.push_back(command->get_name());
    return result;
}

std::vector<std::string> flagsOf(const CLI::App& app) {
    std::vector<std::string> result;
    for (const CLI::Option* option : app.get_options())
        for (const std::string& name : option->get_lnames()) result.push_back("--" + name);
    return result;
}

std::string help(const Reached& reached) { return "`" + reached.line + " --help` lists the flags"; }

UsageProblem unexpected(const std::string& word, const Reached& reached, const CLI::App& root) {
    if (word.size() < 2 || word[0] != '-') return {"unexpected argument: " + word, help(reached)};
    const std::string flag = word.substr(0, word.find('='));
    std::vector<std::string> known = flagsOf(*reached.app);
    for (std::string& name : flagsOf(root)) known.push_back(std::move(name));
    return {"unknown flag: " + flag, near(flag, known, help(reached))};
}

}  // namespace

UsageProblem explain(const CLI::ParseError& error, const CLI::App& root) {
    const Reached reached = reachedBy(root);
    const std::vector<std::string> left = root.remaining(true);
    const std::vector<std::string> commands = commandsOf(*reached.app);
    const bool named = !left.empty() && left.front()[0] != '-';
    if (!commands.empty() && reached.app != &root && named)
        return {"unknown command: " + reached.line + " " + left.front(), near(left.front(), commands, "`" + reached.line + " --help` lists the commands")};
    if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && !left.empty()) return unexpected(left.front(), reached, root);
    if (!commands.empty() && reached.app != &root && left.empty())
        return {reached.line + " needs a command", "`" + reached.line + " --help` lists the commands"};
    const std::string text = error.what();
    const std::string required = " is required";
    if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr && text.ends_with(required))
        return {reached.line + " needs " + upperCase(text.substr(0, text.size() - required.size())), help(reached)};
    const std::string converted = "Could not convert: ";
    if (const std::size_t equals = text.find(" = "); text.starts_with(converted) && equals != std::string::npos)
        return {"invalid argument \"" + text.substr(equals + 3) + "\" for " + text.substr(converted.size(), equals - converted.size()), help(reached)};
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr && text.ends_with(" missing"))
        return {"flag needs an argument: " + text.substr(0, text.find(':')), help(reached)};
    return {text, help(reached)};
}

std::shared_ptr<CLI::Formatter> helpFormat() { return std::make_shared<HelpFormat>(); }

UsageProblem unknownCommand(const std::string& word, const std::vector<std::string>& names) {
    return {"unknown command: devc " + word, near(word, names, "`devc --help` lists the commands")};
}

std::vector<std::string> helpAsFlag(const CLI::App& root, std::vector<std::string> arguments) {
    const std::size_t at = commandPosition(root, arguments);
    if (at == arguments.size() || arguments[at] != "help") return arguments;
    arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(at));
    arguments.push_back("--help");
    return arguments;
}

}  // namespace devc::app
