#include "engine/build/lint.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "engine/build/arguments.h"
#include "engine/build/expand.h"
#include "engine/build/ignore.h"
#include "engine/build/instruction_words.h"
#include "engine/error.h"
#include "engine/image/images.h"

namespace devc::engine::build {

namespace {

enum class Casing { Lower, Upper, Mixed };

Casing casingOf(std::string_view word) {
    if (word == lowerCase(word)) return Casing::Lower;
    return word == upperCase(word) ? Casing::Upper : Casing::Mixed;
}

/// Words of a name, apart at '_', in lower case: "MY_API_KEY" -> my, api, key.
std::vector<std::string> partsOf(std::string_view name) {
    std::vector<std::string> parts(1);
    for (const char c : lowerCase(name)) {
        if (c == '_') parts.emplace_back();
        else parts.back() += c;
    }
    return parts;
}

bool looksSecret(std::string_view name) {
    constexpr std::array secret{"apikey", "auth", "credential", "credentials", "key", "passwd", "password", "pword", "secret", "token"};
    constexpr std::array harmless{"file", "public", "version"};
    const auto has = [parts = partsOf(name)](const auto& words) {
        return std::any_of(words.begin(), words.end(), [&](const char* word) { return std::find(parts.begin(), parts.end(), word) != parts.end(); });
    };
    return has(secret) && !has(harmless);
}

/// What the rules know of a stage, and hand on to stages built on it.
struct StageFacts {
    std::set<std::string> variables;
    bool ownShell = false;   ///< SHELL was said: its form of CMD is meant
    bool workdirSet = false;
};

class Linter {
public:
    Linter(const Dockerfile& file, const CheckOptions& options, const LintFacts& facts) : file_(file), options_(options), facts_(facts) {}

    std::vector<Finding> run() {
        casing();
        globals();
        for (const Stage& stage : file_.stages) {
            from(stage);
            StageFacts facts = begin(stage);
            multiple(stage);
            for (const Instruction& instruction : stage.instructions) check(instruction, facts);
            if (!stage.name().empty()) known_[stage.name()] = std::move(facts);
        }
        std::stable_sort(findings_.begin(), findings_.end(), [](const Finding& a, const Finding& b) { return a.line < b.line; });
        return std::move(findings_);
    }

private:
    template <typename... T>
    void add(const char* rule, int line, fmt::format_string<T...> format, T&&... arguments) {
        if (options_.skipAll || options_.skipped.contains(lowerCase(rule))) return;
        findings_.push_back({rule, fmt::format(format, std::forward<T>(arguments)...), line});
    }

    // The file

    template <typename Visit>
    void each(const Visit& visit) const {
        for (const Instruction& instruction : file_.globals) visit(instruction);
        for (const Stage& stage : file_.stages) {
            visit(stage.from);
            for (const Instruction& instruction : stage.instructions) visit(instruction);
        }
    }

    void casing() {
        int lower = 0, upper = 0;
        each([&](const Instruction& instruction) {
            lower += casingOf(instruction.keyword) == Casing::Lower ? 1 : 0;
            upper += casingOf(instruction.keyword) == Casing::Upper ? 1 : 0;
        });
        const Casing wanted = lower > upper ? Casing::Lower : Casing::Upper;
        each([&](const Instruction& instruction) {
            if (casingOf(instruction.keyword) != wanted)
                add("ConsistentInstructionCasing", instruction.first, "Command '{}' should match the case of the command majority ({})", instruction.keyword,
                    wanted == Casing::Lower ? "lowercase" : "uppercase");
            if (instruction.emptyContinuation) add("NoEmptyContinuation", instruction.last, "Empty continuation line");
        });
    }

    void globals() {
        for (const Instruction& instruction : file_.globals) {
            secrets(instruction);
            for (const KeyValue& pair : instruction.pairs) {
                globals_.insert(pair.key);
                if (pair.hasValue) defaults_.set(pair.key, expanded(pair.value));
            }
        }
        const Variables platform = platformArguments("linux/amd64", "linux/amd64", "");
        for (const auto& [name, value] : platform.all()) {
            globals_.insert(name);
            defaults_.set(name, value);
        }
    }

    std::string expanded(const std::string& text) const {
        try {
            return Expander({.escape = file_.directives.escape}).word(text, [this](std::string_view name) { return defaults_.find(name); });
        } catch (const Error&) {
            return {};
        }
    }

    // Stages

    void from(const Stage& stage) {
        const int line = stage.from.first;
        const std::vector<std::string> words = plainWords(stage.from.text);
        if (!stage.name().empty() && words.size() > 2) {
            const std::string &as = words[words.size() - 2], &name = words.back();
            if (const Casing keyword = casingOf(stage.from.keyword); keyword != Casing::Mixed && casingOf(as) != keyword)
                add("FromAsCasing", line, "'{}' and '{}' keywords' casing do not match", as, stage.from.keyword);
            if (name != lowerCase(name)) add("StageNameCasing", line, "Stage name '{}' should be lowercase", name);
            if (stage.name() == "context" || stage.name() == "scratch")
                add("ReservedStageName", line, "Stage name should not use the same name as reserved stage \"{}\"", stage.name());
            if (known_.contains(stage.name())) add("DuplicateStageName", line, "Duplicate stage name \"{}\", stage names should be unique", name);
        }
        if (const Flag* platform = stage.from.flag("platform")) {
            if (platform->value == "$TARGETPLATFORM" || platform->value == "${TARGETPLATFORM}")
                add("RedundantTargetPlatform", line, "Setting platform to predefined {} in FROM is redundant as this is the default behavior", platform->value);
            else if (platform->value.find('$') == std::string::npos)
                add("FromPlatformFlagConstDisallowed", line, "FROM --platform flag should not use constant value \"{}\"", platform->value);
            undeclared(platform->value, line);
        }
        undeclared(stage.from.arguments[0], line);
        const std::string image = expanded(stage.from.arguments[0]);
        try {
            if (image != "scratch") engine::Reference::parse(image);
        } catch (const Error&) {
            add("InvalidDefaultArgInFrom", line, "Default value for ARG {} results in empty or invalid base image name", stage.from.arguments[0]);
        }
    }

    void undeclared(const std::string& text, int line) {
        for (const std::string& name : unknownIn(text, globals_))
            add("UndefinedArgInFrom", line, "FROM argument '{}' is not declared{}", name, suggestion(name, globals_, ""));
    }

    StageFacts begin(const Stage& stage) const {
        const std::string image = expanded(stage.from.arguments[0]);
        if (const auto known = known_.find(image); known != known_.end()) return known->second;
        StageFacts facts;
        if (facts_.variablesOf && image != "scratch") facts.variables = facts_.variablesOf(image);
        facts.variables.insert("PATH");
        return facts;
    }

    void multiple(const Stage& stage) {
        for (const Verb verb : {Verb::Cmd, Verb::Entrypoint, Verb::Healthcheck}) {
            const Instruction* last = nullptr;
            for (const Instruction& instruction : stage.instructions) {
                if (instruction.verb != verb) continue;
                if (last != nullptr)
                    add("MultipleInstructionsDisallowed", last->first, "Multiple {} instructions should not be used in the same stage because only the last one will be used",
                        nameOf(verb));
                last = &instruction;
            }
        }
    }

    // Instructions

    void check(const Instruction& instruction, StageFacts& facts) {
        undefined(instruction, facts);
        switch (instruction.verb) {
            case Verb::Env:
            case Verb::Label:
                if (instruction.legacyPair)
                    add("LegacyKeyValueFormat", instruction.first, "\"{0} key=value\" should be used instead of legacy \"{0} key value\" format", instruction.keyword);
                if (instruction.verb == Verb::Label) break;
                [[fallthrough]];
            case Verb::Arg:
                secrets(instruction);
                for (const KeyValue& pair : instruction.pairs) facts.variables.insert(pair.key);
                break;
            case Verb::Cmd:
            case Verb::Entrypoint:
                if (!instruction.json && !facts.ownShell)
                    add("JSONArgsRecommended", instruction.first, "JSON arguments recommended for {} to prevent unintended behavior related to OS signals",
                        nameOf(instruction.verb));
                break;
            case Verb::Shell: facts.ownShell = true; break;
            case Verb::Workdir:
                if (!facts.workdirSet && !instruction.arguments[0].starts_with('/') && !instruction.arguments[0].starts_with('$'))
                    add("WorkdirRelativePath", instruction.first, "Relative workdir \"{}\" can have unexpected results if the base image changes", instruction.arguments[0]);
                facts.workdirSet = true;
                break;
            case Verb::Maintainer: add("MaintainerDeprecated", instruction.first, "Maintainer instruction is deprecated in favor of using label"); break;
            case Verb::Expose: ports(instruction); break;
            case Verb::Copy:
            case Verb::Add: ignoredFiles(instruction); break;
            default: break;
        }
    }

    void secrets(const Instruction& instruction) {
        for (const KeyValue& pair : instruction.pairs)
            if (looksSecret(pair.key))
                add("SecretsUsedInArgOrEnv", instruction.first, "Do not use ARG or ENV instructions for sensitive data ({} \"{}\")", nameOf(instruction.verb), pair.key);
    }

    void ports(const Instruction& instruction) {
        for (const std::string& port : instruction.arguments) {
            const std::size_t slash = port.find('/');
            const std::string protocol = slash == std::string::npos ? "" : port.substr(slash + 1);
            if (protocol != lowerCase(protocol))
                add("ExposeProtoCasing", instruction.first, "Defined protocol '{}' in EXPOSE instruction should be lowercase", port);
            if (port.find(':') != std::string::npos && port.find('$') == std::string::npos)
                add("ExposeInvalidFormat", instruction.first, "EXPOSE instruction should not define an IP address or host-port mapping, found '{}'", port);
        }
    }

    void ignoredFiles(const Instruction& instruction) {
        if (!facts_.isIgnored || instruction.flag("from") != nullptr) return;
        for (std::size_t i = 0; i + 1 < instruction.arguments.size(); ++i) {
            const std::string& source = instruction.arguments[i];
            Heredoc heredoc;
            if (hasWildcard(source) || source.find('$') != std::string::npos || source.find("://") != std::string::npos || parseHeredocWord(source, heredoc)) continue;
            if (facts_.isIgnored(cleanPath("/" + source).substr(1)))
                add("CopyIgnoredFile", instruction.first, "Attempting to {} file \"{}\" that is excluded by .dockerignore",
                    instruction.verb == Verb::Copy ? "Copy" : "Add", source);
        }
    }

    // Variables

    /// The texts of an instruction that variables are replaced in.
    static std::vector<std::string> expandable(const Instruction& instruction) {
        std::vector<std::string> texts;
        switch (instruction.verb) {
            case Verb::Env:
            case Verb::Label:
            case Verb::Arg:
                for (const KeyValue& pair : instruction.pairs) texts.push_back(pair.value);
                break;
            case Verb::Run:
                for (const std::string& mount : instruction.all("mount")) texts.push_back(mount);
                break;
            case Verb::Copy:
            case Verb::Add:
                texts = instruction.arguments;
                for (const char* flag : {"chown", "chmod", "checksum"})
                    for (const std::string& value : instruction.all(flag)) texts.push_back(value);
                break;
            case Verb::Expose:
            case Verb::Volume:
            case Verb::User:
            case Verb::Workdir:
            case Verb::StopSignal: texts = instruction.arguments; break;
            default: break;
        }
        return texts;
    }

    std::vector<std::string> unknownIn(const std::string& text, const std::set<std::string>& known) const {
        std::vector<std::string> unknown;
        try {
            Expander({.escape = file_.directives.escape}).word(text, [&](std::string_view name) -> std::optional<std::string> {
                if (!known.contains(std::string(name)) && std::find(unknown.begin(), unknown.end(), name) == unknown.end()) unknown.emplace_back(name);
                return std::string("1");
            });
        } catch (const Error&) {
            // The build says what is wrong with it.
        }
        return unknown;
    }

    static std::string suggestion(const std::string& name, const std::set<std::string>& known, const char* mark) {
        const std::string meant = nearest(name, {known.begin(), known.end()});
        return meant.empty() || lowerCase(meant) == lowerCase(name) ? "" : fmt::format(" (did you mean {}{}?)", mark, meant);
    }

    void undefined(const Instruction& instruction, const StageFacts& facts) {
        for (const std::string& text : expandable(instruction))
            for (const std::string& name : unknownIn(text, facts.variables))
                if (!isProxyArgument(name))
                    add("UndefinedVar", instruction.first, "Usage of undefined variable '${}'{}", name, suggestion(name, facts.variables, "$"));
    }

    const Dockerfile& file_;
    const CheckOptions& options_;
    const LintFacts& facts_;
    std::vector<Finding> findings_;
    std::set<std::string> globals_;
    Variables defaults_;
    std::map<std::string, StageFacts> known_;
};

}  // namespace

CheckOptions CheckOptions::parse(const std::string& directive) {
    CheckOptions options;
    for (std::size_t at = 0; at < directive.size();) {
        const std::size_t end = std::min(directive.find(';', at), directive.size());
        const std::string field(trimmed(std::string_view(directive).substr(at, end - at)));
        at = end + 1;
        const std::size_t equals = field.find('=');
        const std::string key = lowerCase(trimmed(field.substr(0, equals)));
        const std::string value(equals == std::string::npos ? "" : trimmed(std::string_view(field).substr(equals + 1)));
        if (key == "error" && (value == "true" || value == "false")) options.error = value == "true";
        else if (key == "skip" || key == "experimental") {
            for (std::size_t from = 0; from < value.size() && key == "skip";) {
                const std::size_t comma = std::min(value.find(',', from), value.size());
                options.skipped.insert(lowerCase(trimmed(std::string_view(value).substr(from, comma - from))));
                from = comma + 1;
            }
        } else throw Error::of("failed to parse check options: invalid check option \"{}\"", equals == std::string::npos ? field : key).hint("skip=RULE,... and error=true are known");
    }
    options.skipAll = options.skipped.contains("all");
    return options;
}

std::vector<Finding> lint(const Dockerfile& file, const CheckOptions& options, const LintFacts& facts) { return Linter(file, options, facts).run(); }

}  // namespace devc::engine::build
