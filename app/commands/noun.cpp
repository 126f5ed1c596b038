#include "app/commands/noun.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "app/report.h"
#include "engine/error.h"
#include "engine/linux/fd.h"

namespace devc::app {
namespace {

bool named(const Subcommand& row, const std::vector<std::string>& arguments) {
    return std::any_of(arguments.begin(), arguments.end(), [&](const std::string& argument) {
        return argument == row.name || std::find(row.aliases.begin(), row.aliases.end(), argument) != row.aliases.end();
    });
}

std::string trimmedLeft(const std::string& text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    return begin == std::string::npos ? std::string() : text.substr(begin);
}

void addEntry(std::vector<std::string>& result, const std::string& entry) {
    const std::size_t equals = entry.find('=');
    std::string full = entry;
    if (equals == std::string::npos) {
        const char* value = std::getenv(entry.c_str());
        if (value == nullptr) return;
        full = entry + "=" + value;
    }
    const std::string key = full.substr(0, full.find('=') + 1);
    const auto found = std::find_if(result.begin(), result.end(), [&](const std::string& e) { return e.rfind(key, 0) == 0; });
    if (found != result.end()) *found = full;
    else result.push_back(full);
}

}  // namespace

void addNoun(CLI::App& parent, Context& context, const std::string& noun, const std::string& help, const std::vector<Subcommand>& subcommands) {
    CLI::App* group = parent.add_subcommand(noun, help);
    const bool known = std::any_of(subcommands.begin(), subcommands.end(), [&](const Subcommand& row) { return named(row, context.arguments); });
    for (const Subcommand& row : subcommands) {
        if (known && !named(row, context.arguments)) continue;
        CLI::App* command = group->add_subcommand(std::string(row.name), std::string(row.help));
        for (const std::string_view alias : row.aliases) command->alias(std::string(alias));
        if (row.hidden) command->group("");
        row.add(*command, context);
    }
    group->require_subcommand(1);
}

void addProgram(CLI::App& command, std::vector<std::string>& words, const std::string& name, const std::string& help) {
    // CLI11 splits "[a,b]" where it allows extra arguments; this many expected ones are as good and stay whole.
    constexpr int many = 1 << 20;
    command.add_option(name, words, help)->take_all()->expected(many)->allow_extra_args(false)->type_name("");
    endFlagsAtFirstArgument(command);
}

void addNames(CLI::App& command, std::vector<std::string>& names, const std::string& name, int minimum) {
    constexpr int many = 1 << 20;
    CLI::Option* option = command.add_option(name, names)->take_all()->expected(many)->allow_extra_args(false)->type_name("");
    if (minimum > 0) option->required();
}

void forEachName(Context& context, const std::vector<std::string>& names, const std::function<void(const std::string&)>& work, bool print) {
    for (const std::string& name : names) {
        try {
            work(name);
            if (print) out(name + "\n");
        } catch (const engine::Error&) {
            std::fflush(stdout);
            context.status = std::max(context.status, reportException(std::current_exception()));
        }
    }
}

std::map<std::string, std::string> keyValues(const std::vector<std::string>& list) {
    std::map<std::string, std::string> result;
    for (const std::string& entry : list) {
        const std::size_t equals = entry.find('=');
        result[entry.substr(0, equals)] = equals == std::string::npos ? "" : entry.substr(equals + 1);
    }
    return result;
}

std::vector<std::string> environmentOf(const std::vector<std::string>& files, const std::vector<std::string>& entries) {
    std::vector<std::string> result;
    for (const std::string& file : files) {
        const std::string text = engine::readFile(file);
        for (std::size_t begin = 0; begin < text.size();) {
            const std::size_t end = std::min(text.find('\n', begin), text.size());
            std::string line = trimmedLeft(text.substr(begin, end - begin));
            begin = end + 1;
            if (!line.empty() && line.back() == '\r') line.pop_back();
            if (line.empty() || line[0] == '#') continue;
            if (const std::string key = line.substr(0, line.find('=')); key.empty() || key.find_first_of(" \t") != std::string::npos)
                throw engine::Error::of("invalid env file ({}): variable '{}' contains whitespaces", file, key);
            addEntry(result, line);
        }
    }
    for (const std::string& entry : entries) {
        if (entry.empty() || entry[0] == '=') throw engine::Error::of("invalid environment variable: {}", entry);
        addEntry(result, entry);
    }
    return result;
}

}  // namespace devc::app
