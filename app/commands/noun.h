#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "app/commands/commands.h"
#include "app/ui/output.h"

namespace devc::app {

/// `devc NOUN NAME`.
struct Subcommand {
    std::string_view name;
    std::vector<std::string_view> aliases;
    std::string_view help;
    void (*add)(CLI::App& command, Context& context);  ///< flags and the callback
    bool hidden = false;
};

/// Adds the noun with the subcommand that the command line names; with all of them if it names none (help, mistakes).
void addNoun(CLI::App& parent, Context& context, const std::string& noun, const std::string& help, const std::vector<Subcommand>& subcommands);

/// A command line of a program, taken as it is from the first word on: brackets, dashes and empty words stay.
void addProgram(CLI::App& command, std::vector<std::string>& words, const std::string& name, const std::string& help);
/// Names: at least `minimum` of them.
void addNames(CLI::App& command, std::vector<std::string>& names, const std::string& name, int minimum = 1);

/// Does `work` for each, prints the name as given when it succeeded and the error when it did not; the others go on.
void forEachName(Context& context, const std::vector<std::string>& names, const std::function<void(const std::string&)>& work,
                 bool print = true);

/// "KEY=value" lists as maps; a key alone has an empty value.
std::map<std::string, std::string> keyValues(const std::vector<std::string>& list);
/// Environment of `-e` and `--env-file`: a key alone takes the caller's value, or is left out if there is none.
std::vector<std::string> environmentOf(const std::vector<std::string>& files, const std::vector<std::string>& entries);

}  // namespace devc::app
