#include "app/arguments.h"

namespace devc::app {
namespace {

bool isFlag(const std::string& argument) { return argument.size() > 1 && argument[0] == '-'; }

/// The option that `argument` ("--file", "--file=x", "-fx") begins with, or null.
const CLI::Option* optionOf(const CLI::App& app, const std::string& argument) {
    if (argument.rfind("--", 0) == 0) return app.get_option_no_throw(argument.substr(0, argument.find('=')));
    return app.get_option_no_throw(argument.substr(0, 2));
}

bool takesValue(const CLI::Option& option) { return option.get_expected_min() > 0 && option.get_type_size() != 0; }

}  // namespace

bool valueFollows(const CLI::App& app, const std::string& argument) {
    if (argument.rfind("--", 0) == 0) {
        const CLI::Option* option = optionOf(app, argument);
        return option != nullptr && takesValue(*option) && argument.find('=') == std::string::npos;
    }
    for (std::size_t at = 1; at < argument.size(); ++at) {
        const CLI::Option* option = app.get_option_no_throw(std::string("-") + argument[at]);
        if (option != nullptr && takesValue(*option)) return at + 1 == argument.size();
    }
    return false;
}

CLI::App* subcommandOf(CLI::App& app, const std::string& name) {
    for (CLI::App* command : app.get_subcommands([&](CLI::App* candidate) { return candidate->check_name(name); })) return command;
    return nullptr;
}

std::size_t commandPosition(const CLI::App& app, const std::vector<std::string>& arguments) {
    for (std::size_t at = 0; at < arguments.size(); ++at) {
        if (!isFlag(arguments[at])) return at;
        if (valueFollows(app, arguments[at])) ++at;
    }
    return arguments.size();
}

std::string findCommand(const CLI::App& app, const std::vector<std::string>& arguments) {
    const std::size_t at = commandPosition(app, arguments);
    return at < arguments.size() ? arguments[at] : std::string();
}

std::vector<std::string> normalizeArguments(CLI::App& root, const std::vector<std::string>& arguments) {
    std::vector<std::string> result;
    CLI::App* app = &root;
    for (std::size_t at = 0; at < arguments.size(); ++at) {
        const std::string& argument = arguments[at];
        if (argument == "--") {
            result.insert(result.end(), arguments.begin() + static_cast<std::ptrdiff_t>(at), arguments.end());
            break;
        }
        if (!isFlag(argument)) {
            result.push_back(argument);
            if (CLI::App* next = subcommandOf(*app, argument)) app = next;
            else if (app->get_positionals_at_end()) {
                result.insert(result.end(), arguments.begin() + static_cast<std::ptrdiff_t>(at) + 1, arguments.end());
                break;
            }
            continue;
        }
        const CLI::App& owner = optionOf(*app, argument) != nullptr ? *app : root;
        const CLI::Option* option = optionOf(owner, argument);
        const std::size_t equals = argument.find('=');
        const bool isLong = argument.rfind("--", 0) == 0;
        if (option != nullptr && takesValue(*option) && equals != std::string::npos && (isLong ? equals + 1 == argument.size() : equals == 2)) {
            result.push_back(argument.substr(0, equals));
            result.push_back(argument.substr(equals + 1));
            continue;
        }
        result.push_back(argument);
        if (valueFollows(owner, argument) && at + 1 < arguments.size()) result.push_back(arguments[++at]);
    }
    return result;
}

}  // namespace devc::app
