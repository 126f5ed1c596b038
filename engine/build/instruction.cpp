#include "engine/build/instruction.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "engine/build/instruction_words.h"
#include "engine/build/parse_error.h"

namespace devc::engine::build {

namespace {

struct Grammar {
    std::string_view name;
    Verb verb;
    std::string_view flags;  ///< names, each between spaces
};

constexpr std::array grammar{
    Grammar{"FROM", Verb::From, " platform "},
    Grammar{"RUN", Verb::Run, " mount network security device "},
    Grammar{"COPY", Verb::Copy, " from chown chmod link parents exclude "},
    Grammar{"ADD", Verb::Add, " chown chmod link checksum keep-git-dir unpack exclude "},
    Grammar{"ENV", Verb::Env, ""},
    Grammar{"ARG", Verb::Arg, ""},
    Grammar{"LABEL", Verb::Label, ""},
    Grammar{"EXPOSE", Verb::Expose, ""},
    Grammar{"VOLUME", Verb::Volume, ""},
    Grammar{"USER", Verb::User, ""},
    Grammar{"WORKDIR", Verb::Workdir, ""},
    Grammar{"ENTRYPOINT", Verb::Entrypoint, ""},
    Grammar{"CMD", Verb::Cmd, ""},
    Grammar{"SHELL", Verb::Shell, ""},
    Grammar{"STOPSIGNAL", Verb::StopSignal, ""},
    Grammar{"HEALTHCHECK", Verb::Healthcheck, " interval timeout start-period start-interval retries "},
    Grammar{"ONBUILD", Verb::OnBuild, ""},
    Grammar{"MAINTAINER", Verb::Maintainer, ""},
};

const Grammar& grammarOf(std::string_view keyword, int line) {
    const std::string name = upperCase(keyword);
    for (const Grammar& row : grammar)
        if (row.name == name) return row;
    std::vector<std::string> names;
    for (const Grammar& row : grammar) names.emplace_back(row.name);
    const std::string meant = nearest(name, names);
    throw parseError(line, "unknown instruction: {}{}", keyword, meant.empty() ? "" : " (did you mean " + meant + "?)");
}

void checkFlags(const Instruction& instruction, std::string_view allowed) {
    std::vector<std::string> seen;
    for (const Flag& flag : instruction.flags) {
        if (flag.name.empty() || allowed.find(" " + flag.name + " ") == std::string_view::npos) {
            const std::string meant = nearest(flag.name, plainWords(allowed));
            throw parseError(instruction.first, "unknown flag: --{}{}", flag.name, meant.empty() ? "" : " (did you mean " + meant + "?)");
        }
        const bool isSwitch = flag.name == "link" || flag.name == "parents" || flag.name == "keep-git-dir" || flag.name == "unpack";
        if (!flag.hasValue && !isSwitch) throw parseError(instruction.first, "missing a value on flag: --{}", flag.name);
        if (flag.hasValue && isSwitch && lowerCase(flag.value) != "true" && lowerCase(flag.value) != "false")
            throw parseError(instruction.first, "expecting boolean value for flag --{}, not: {}", flag.name, flag.value);
        const bool repeats = flag.name == "mount" || flag.name == "exclude" || flag.name == "device";
        if (!repeats && std::find(seen.begin(), seen.end(), flag.name) != seen.end())
            throw parseError(instruction.first, "duplicate flag specified: {}", flag.name);
        seen.push_back(flag.name);
    }
}

void requireArguments(const Instruction& instruction, std::string_view rest) {
    if (trimmed(rest).empty() && instruction.heredocs.empty())
        throw parseError(instruction.first, "{} requires at least one argument", nameOf(instruction.verb));
}

void takePairs(Instruction& instruction, std::string_view rest, char escape) {
    const std::string_view name = nameOf(instruction.verb);
    const std::vector<std::string> words = quotedWords(rest, escape);
    if (words.empty()) throw parseError(instruction.first, "{} requires at least one argument", name);
    if (instruction.verb != Verb::Arg && words.front().find('=') == std::string::npos) {
        rest = trimmed(rest);
        std::size_t end = 0;
        while (end < rest.size() && !std::isspace(static_cast<unsigned char>(rest[end]))) ++end;
        const std::string_view value = trimmed(rest.substr(end));
        if (value.empty()) throw parseError(instruction.first, "{} must have two arguments", name);
        instruction.legacyPair = true;
        instruction.pairs.push_back({std::string(rest.substr(0, end)), std::string(value), true});
        return;
    }
    for (const std::string& word : words) {
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos && instruction.verb != Verb::Arg)
            throw parseError(instruction.first, "Syntax error - can't find = in \"{}\". Must be of the form: name=value", word);
        KeyValue pair{word.substr(0, equals), equals == std::string::npos ? "" : word.substr(equals + 1), equals != std::string::npos};
        if (pair.key.empty()) throw parseError(instruction.first, "{} names can not be blank", name);
        instruction.pairs.push_back(std::move(pair));
    }
}

void takeFrom(Instruction& instruction, std::string_view rest) {
    instruction.arguments = plainWords(rest);
    auto& words = instruction.arguments;
    if (words.size() != 1 && !(words.size() == 3 && lowerCase(words[1]) == "as"))
        throw parseError(instruction.first, "FROM requires either one or three arguments");
    if (words.size() == 1) return;
    const std::string name = lowerCase(words[2]);
    const bool valid = std::islower(static_cast<unsigned char>(name[0])) && std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return std::islower(c) || std::isdigit(c) || c == '-' || c == '_' || c == '.';
    });
    if (!valid)
        throw parseError(instruction.first, "invalid name for build stage: \"{}\", name can't start with a number or contain symbols", words[2]);
    words = {words[0], name};
}

void takeSources(Instruction& instruction, std::string_view rest) {
    auto list = parseJsonList(rest);
    instruction.json = list.has_value();
    instruction.arguments = list ? *list : plainWords(rest);
    if (instruction.arguments.size() < 2)
        throw parseError(instruction.first, "{} requires at least two arguments, but only {} provided. Destination could not be determined",
                         nameOf(instruction.verb), instruction.arguments.empty() ? "none were" : "one was");
    Heredoc last;
    if (!list && parseHeredocWord(instruction.arguments.back(), last))
        throw parseError(instruction.first, "{} cannot accept a heredoc as a destination", nameOf(instruction.verb));
}

void takeHealth(Instruction& instruction, std::string_view rest) {
    const std::string_view type = rest.substr(0, std::min(rest.size(), rest.find_first_of(" \t")));
    const std::string kind = upperCase(type);
    rest = trimmed(rest.substr(type.size()));
    if (kind == "NONE") {
        if (!rest.empty()) throw parseError(instruction.first, "HEALTHCHECK NONE takes no arguments");
        instruction.health.test = {"NONE"};
        return;
    }
    if (kind.empty()) throw parseError(instruction.first, "HEALTHCHECK requires at least one argument");
    if (kind != "CMD") throw parseError(instruction.first, "unknown type \"{}\" in HEALTHCHECK (try CMD)", type);
    if (rest.empty()) throw parseError(instruction.first, "missing command after HEALTHCHECK CMD");
    const auto list = parseJsonList(rest);
    if (list && list->empty()) throw parseError(instruction.first, "missing command after HEALTHCHECK CMD");
    instruction.json = list.has_value();
    instruction.health.test = list ? *list : std::vector<std::string>{std::string(rest)};
    instruction.health.test.insert(instruction.health.test.begin(), list ? "CMD" : "CMD-SHELL");
    const auto duration = [&](std::string_view name) {
        const Flag* flag = instruction.flag(name);
        if (flag == nullptr || flag->value.empty()) return Nanoseconds{0};
        const auto value = parseDuration(flag->value);
        if (!value) throw parseError(instruction.first, "time: invalid duration \"{}\" for --{}", flag->value, name).hint("write it as 30s, 1m30s or 500ms");
        if (value->count() < 0 || (value->count() != 0 && *value < Nanoseconds{1'000'000}))
            throw parseError(instruction.first, "Interval \"{}\" cannot be less than 1ms (--{})", flag->value, name);
        return *value;
    };
    instruction.health.interval = duration("interval");
    instruction.health.timeout = duration("timeout");
    instruction.health.startPeriod = duration("start-period");
    instruction.health.startInterval = duration("start-interval");
    if (const Flag* retries = instruction.flag("retries"); retries != nullptr && !retries->value.empty()) {
        const std::string& text = retries->value;
        if (!std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c); }) || text.size() > 9)
            throw parseError(instruction.first, "--retries must be a whole number, not \"{}\"", text);
        instruction.health.retries = std::stoi(text);
    }
}

/// The instruction itself is looked at only when a build triggers it; what a Dockerfile's grammar forbids is refused now.
void takeTrigger(Instruction& instruction, std::string_view rest, char escape) {
    const std::string_view word = rest.substr(0, std::min(rest.size(), rest.find_first_of(" \t")));
    const std::string name = upperCase(word);
    if (name.empty()) throw parseError(instruction.first, "ONBUILD requires at least one argument");
    if (name == "ONBUILD") throw parseError(instruction.first, "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
    if (name == "FROM" || name == "MAINTAINER") throw parseError(instruction.first, "{} isn't allowed as an ONBUILD trigger", name);
    std::string_view arguments = trimmed(rest.substr(word.size()));
    takeFlags(arguments);
    Instruction trial;
    trial.first = instruction.first;
    for (const auto& [written, verb] : {std::pair{"ENV", Verb::Env}, std::pair{"LABEL", Verb::Label}})
        if (name == written && !arguments.empty()) {
            trial.verb = verb;
            takePairs(trial, arguments, escape);
        }
    for (const char* written : {"RUN", "CMD", "ENTRYPOINT", "SHELL", "VOLUME", "COPY", "ADD"})
        if (name == written) parseJsonList(arguments);
    std::string text(rest);
    for (const Heredoc& heredoc : instruction.heredocs) text += "\n" + heredoc.content + heredoc.name;
    instruction.arguments = {std::move(text)};
}

void takeCommand(Instruction& instruction, std::string_view rest) {
    const auto list = parseJsonList(rest);
    instruction.json = list.has_value();
    instruction.arguments = list ? *list : std::vector<std::string>{std::string(rest)};
    if (instruction.verb == Verb::Shell && (!list || list->empty()))
        throw parseError(instruction.first, "SHELL requires the arguments to be in JSON form");
    if (instruction.verb == Verb::Run && instruction.arguments.empty()) throw parseError(instruction.first, "RUN requires at least one argument");
}

}  // namespace

std::string_view nameOf(Verb verb) {
    for (const Grammar& row : grammar)
        if (row.verb == verb) return row.name;
    return "?";
}

const Flag* Instruction::flag(std::string_view name) const {
    for (auto flag = flags.rbegin(); flag != flags.rend(); ++flag)
        if (flag->name == name) return &*flag;
    return nullptr;
}
std::vector<std::string> Instruction::all(std::string_view name) const {
    std::vector<std::string> values;
    for (const Flag& flag : flags)
        if (flag.name == name) values.push_back(flag.value);
    return values;
}
bool Instruction::enabled(std::string_view name, bool absent) const {
    const Flag* found = flag(name);
    if (found == nullptr) return absent;
    return !found->hasValue || lowerCase(found->value) == "true";
}

namespace {

Instruction parse(const SourceLine& line, char escape) {
    Instruction result;
    result.text = line.text;
    result.first = line.first;
    result.last = line.last;
    result.heredocs = line.heredocs;
    result.emptyContinuation = line.emptyContinuation;
    std::string_view rest = line.text;
    std::size_t end = 0;
    while (end < rest.size() && !std::isspace(static_cast<unsigned char>(rest[end]))) ++end;
    result.keyword = rest.substr(0, end);
    const Grammar& row = grammarOf(result.keyword, line.first);
    result.verb = row.verb;
    rest = trimmed(rest.substr(end));
    result.flags = takeFlags(rest);
    checkFlags(result, row.flags);
    switch (row.verb) {
        case Verb::From: takeFrom(result, rest); break;
        case Verb::Copy:
        case Verb::Add: takeSources(result, rest); break;
        case Verb::Env:
        case Verb::Label:
        case Verb::Arg: takePairs(result, rest, escape); break;
        case Verb::Expose: requireArguments(result, rest); result.arguments = plainWords(rest); break;
        case Verb::Volume: {
            requireArguments(result, rest);
            const auto list = parseJsonList(rest);
            if (list && list->empty()) throw parseError(line.first, "VOLUME requires at least one argument");
            result.arguments = list ? *list : plainWords(rest);
            break;
        }
        case Verb::User:
        case Verb::Workdir:
        case Verb::StopSignal:
            if (trimmed(rest).empty()) throw parseError(line.first, "{} requires exactly one argument", row.name);
            result.arguments = {std::string(rest)};
            break;
        case Verb::Maintainer:
            requireArguments(result, rest);
            result.arguments = {std::string(rest)};
            break;
        case Verb::Healthcheck: takeHealth(result, rest); break;
        case Verb::OnBuild: takeTrigger(result, rest, escape); break;
        case Verb::Run:
        case Verb::Cmd:
        case Verb::Entrypoint:
        case Verb::Shell: takeCommand(result, rest); break;
    }
    return result;
}

}  // namespace

Instruction parseInstruction(const SourceLine& line, char escape) {
    try {
        return parse(line, escape);
    } catch (Error& error) {
        if (std::string_view(error.what()).starts_with("dockerfile ")) throw;
        throw parseError(line.first, "{}", error.what());
    }
}

}  // namespace devc::engine::build
