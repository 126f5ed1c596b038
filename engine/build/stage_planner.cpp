#include "engine/build/stage_planner.h"

#include <algorithm>

#include "engine/build/expand.h"
#include "engine/build/file_mode.h"
#include "engine/build/ignore.h"
#include "engine/build/instruction_words.h"
#include "engine/build/owner.h"
#include "engine/build/parse_error.h"
#include "engine/build/ports.h"
#include "engine/build/run_mount.h"
#include "engine/linux/process.h"

namespace devc::engine::build {

using nlohmann::json;

namespace {

std::string joinWords(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

/// As Go's %q of a list: ["a" "b"].
std::string quotedList(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + json(word).dump(-1, ' ', false, json::error_handler_t::replace);
    return "[" + text + "]";
}

bool isWholeNumber(std::string_view text) {
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool isRemote(std::string_view source) {
    return source.starts_with("http://") || source.starts_with("https://") || source.starts_with("git://") || source.starts_with("git@") ||
           source.starts_with("ssh://") || (source.starts_with("github.com/") && source.size() > 11);
}

class StagePlanner {
public:
    StagePlanner(StageResult base, std::string prefix, int total, bool noCache, PlanShared& shared, Stages& stages)
        : now_(std::move(base)), prefix_(std::move(prefix)), total_(total), noCache_(noCache), shared_(shared), stages_(stages) {
        for (const auto& [name, value] : now_.config.environment()) now_.environment.set(name, value);
    }

    void apply(const Instruction& instruction) {
        line_ = instruction.first;
        try {
            dispatch(instruction);
        } catch (Error& error) {
            if (std::string_view(error.what()).starts_with("dockerfile ")) throw;
            throw error.during("dockerfile line {}", line_);
        }
    }

    StageResult take() { return std::move(now_); }

private:
    void dispatch(const Instruction& instruction) {
        switch (instruction.verb) {
            case Verb::Run: return run(instruction);
            case Verb::Copy:
            case Verb::Add: return copy(instruction);
            case Verb::Env: return environment(instruction);
            case Verb::Arg: return argument(instruction);
            case Verb::Label: return label(instruction);
            case Verb::Expose: return expose(instruction);
            case Verb::Volume: return volume(instruction);
            case Verb::User: return user(instruction);
            case Verb::Workdir: return workdir(instruction);
            case Verb::Entrypoint:
            case Verb::Cmd: return command(instruction);
            case Verb::Shell:
                now_.config.config()["Shell"] = instruction.arguments;
                now_.config.addHistory("SHELL [" + joinWords(instruction.arguments) + "]", false);
                return;
            case Verb::StopSignal: return stopSignal(instruction);
            case Verb::Healthcheck: return health(instruction);
            case Verb::OnBuild:
                now_.config.config()["OnBuild"].push_back(instruction.arguments[0]);
                return;
            case Verb::Maintainer:
                now_.config.document()["author"] = instruction.arguments[0];
                now_.config.addHistory("MAINTAINER " + instruction.arguments[0], false);
                return;
            case Verb::From: return;
        }
    }

    Lookup lookup() const {
        return [this](std::string_view name) { return now_.environment.find(name); };
    }
    std::string expand(const std::string& text) const {
        try {
            return Expander({.escape = shared_.escape}).word(text, lookup());
        } catch (Error& error) {
            throw parseError(line_, "failed to process \"{}\": {}", text, error.what());
        }
    }

    std::shared_ptr<Operation> operation(Operation::Kind kind, const Instruction& instruction) {
        auto result = std::make_shared<Operation>();
        result->kind = kind;
        result->parent = now_.top;
        result->first = instruction.first;
        result->last = instruction.last;
        result->noCache = noCache_;
        std::string text = upperCase(instruction.keyword) + instruction.text.substr(instruction.keyword.size());
        std::replace(text.begin(), text.end(), '\n', ' ');
        result->title = fmt::format("[{}{}/{}] {}", prefix_, ++step_ + 1, total_, text);
        return result;
    }

    std::vector<std::string> withShell(std::vector<std::string> arguments) const {
        std::vector<std::string> result = now_.config.shell();
        result.insert(result.end(), arguments.begin(), arguments.end());
        return result;
    }

    // Files

    void run(const Instruction& instruction) {
        auto made = operation(Operation::Kind::Run, instruction);
        RunStep& step = made->run;
        step.arguments = instruction.arguments;
        if (!instruction.heredocs.empty() && !instruction.json) {
            const Heredoc& first = instruction.heredocs.front();
            if (instruction.heredocs.size() == 1 && isHeredocOnly(instruction.arguments[0])) {
                const std::string content = first.chomp ? withoutLeadingTabs(first.content) : first.content;
                if (content.starts_with("#!")) {
                    step.scriptName = first.name;
                    step.script = content;
                    step.arguments = {"/dev/pipes/" + first.name};
                } else step.arguments = withShell({content});
            } else {
                std::string script = instruction.arguments[0];
                for (const Heredoc& heredoc : instruction.heredocs) script += "\n" + heredoc.content + heredoc.name;
                step.arguments = withShell({script});
            }
        } else if (!instruction.json) step.arguments = withShell(step.arguments);
        if (step.arguments.empty()) throw parseError(line_, "RUN requires at least one argument");
        step.environment = now_.environment.all();
        step.proxies = shared_.proxies;
        step.workingDir = now_.config.text("WorkingDir");
        step.user = now_.config.text("User");
        runOptions(instruction, step);
        now_.top = made;
        now_.config.addHistory("RUN " + argumentsForHistory() + joinWords(step.arguments) + " # buildkit", true);
    }

    void runOptions(const Instruction& instruction, RunStep& step) {
        step.network = shared_.network == "default" ? "" : shared_.network;
        if (const Flag* network = instruction.flag("network")) {
            if (network->value != "default" && network->value != "none" && network->value != "host")
                throw parseError(line_, "invalid network mode \"{}\"", network->value).hint("default, none and host are known");
            if (network->value != "default") step.network = network->value;
        }
        if (const Flag* security = instruction.flag("security"); security != nullptr && security->value != "sandbox") {
            if (security->value != "insecure") throw parseError(line_, "security mode \"{}\" is not known", security->value).hint("sandbox and insecure are");
            if (!shared_.insecure)
                throw parseError(line_, "security mode insecure is not granted").hint("grant it with `--allow security.insecure`, or `privileged: true` below `build:`");
            step.insecure = true;
        }
        if (instruction.flag("device") != nullptr) throw parseError(line_, "devices are not granted to build steps");
        for (const std::string& text : instruction.all("mount")) {
            try {
                MountText mount = parseRunMount(text, [this](const std::string& value) { return expand(value); },
                                                step.workingDir.empty() ? "/" : step.workingDir);
                if (mount.mount.kind == MountKind::Bind)
                    mount.mount.from = mount.from.empty() ? Origin{nullptr, "", ""} : stages_.origin(mount.from, Reader::Mount, line_);
                else if (mount.mount.kind == MountKind::Cache && !mount.from.empty()) mount.mount.from = stages_.origin(mount.from, Reader::Mount, line_);
                step.mounts.push_back(std::move(mount.mount));
            } catch (Error& error) {
                if (std::string_view(error.what()).starts_with("dockerfile ")) throw;
                throw parseError(line_, "--mount={}: {}", text, error.what());
            }
        }
    }

    std::string argumentsForHistory() const {
        Variables shown;
        for (const KeyValue& argument : now_.arguments) shown.set(argument.key, now_.environment.find(argument.key).value_or(argument.value));
        if (shown.all().empty()) return {};
        std::string text = fmt::format("|{} ", shown.all().size());
        for (const auto& [name, value] : shown.all()) text += name + "=" + value + " ";
        return text;
    }

    std::string absolute(const std::string& path) const {
        const std::string base = now_.config.text("WorkingDir");
        std::string result = cleanPath(path.starts_with('/') ? path : (base.empty() ? "/" : base) + "/" + path);
        if (result == ".") result = "/";
        const bool folder = path.empty() || path == "." || path.ends_with('/') || path.ends_with("/.");
        return folder && result != "/" ? result + "/" : result;
    }

    void copy(const Instruction& instruction) {
        const bool isAdd = instruction.verb == Verb::Add;
        auto made = operation(Operation::Kind::Copy, instruction);
        CopyStep& step = made->copy;
        if (const Flag* from = instruction.flag("from"); from != nullptr && !from->value.empty()) {
            if (expand(from->value) != from->value)
                throw parseError(line_, "variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround");
            step.from = stages_.origin(from->value, Reader::Copy, line_);
        }
        std::vector<std::string> words = instruction.arguments;
        std::string shown;
        const std::string destination = expand(words.back());
        words.pop_back();
        step.destination = absolute(destination);
        std::size_t document = 0;
        for (const std::string& word : words) {
            Heredoc heredoc;
            if (document < instruction.heredocs.size() && parseHeredocWord(word, heredoc)) {
                if (heredoc.name.find('/') != std::string::npos) throw parseError(line_, "a heredoc is a file of its folder: \"{}\" is no file name", heredoc.name);
                addDocument(step, instruction.heredocs[document++]);
                shown += " <<" + heredoc.name;
                continue;
            }
            const std::string source = expand(word);
            shown += " " + source;
            if (isAdd && isRemote(source)) step.remote.push_back(source);
            else step.sources.push_back(source);
        }
        copyOptions(instruction, step);
        now_.top = made;
        now_.config.addHistory(fmt::format("{}{} {} # buildkit", nameOf(instruction.verb), historyFlags(step) + shown, destination), true);
    }

    void addDocument(CopyStep& step, const Heredoc& heredoc) {
        std::string content = heredoc.chomp ? withoutLeadingTabs(heredoc.content) : heredoc.content;
        if (heredoc.expand) content = Expander({.escape = '\\', .plainQuotes = true}).word(content, lookup());
        step.documents.push_back({heredoc.name, std::move(content)});
    }

    static std::string historyFlags(const CopyStep& step) {
        return (step.owner.empty() ? "" : " --chown=" + step.owner) + (step.mode.empty() ? "" : " --chmod=" + step.mode) + (step.link ? " --link" : "");
    }

    void copyOptions(const Instruction& instruction, CopyStep& step) const {
        const bool isAdd = instruction.verb == Verb::Add;
        const auto value = [&](std::string_view name) { return instruction.flag(name) == nullptr ? std::string() : expand(instruction.flag(name)->value); };
        step.owner = value("chown");
        step.mode = value("chmod");
        step.checksum = value("checksum");
        step.link = instruction.enabled("link");
        step.parents = instruction.enabled("parents");
        step.keepGit = instruction.enabled("keep-git-dir");
        step.unpack = isAdd && instruction.enabled("unpack", step.remote.empty());
        step.excludes = instruction.all("exclude");
        if (!step.checksum.empty() && (step.remote.size() != 1 || !step.sources.empty()))
            throw parseError(line_, "checksum can be specified only for a single remote source");
        if (step.link && hasNames(step.owner))
            throw parseError(line_, "--chown={} with --link: the image's users are not known to a copy that stands alone", step.owner).hint("write the numbers of user and group");
        if (!step.mode.empty()) {
            try {
                FileMode::parse(step.mode);
            } catch (Error& error) {
                throw parseError(line_, "{}", error.what());
            }
        }
    }

    void workdir(const Instruction& instruction) {
        std::string path = expand(instruction.arguments[0]);
        const std::string before = now_.config.text("WorkingDir");
        path = cleanPath(path.starts_with('/') ? path : (before.empty() ? "/" : before) + "/" + path);
        now_.config.config()["WorkingDir"] = path;
        if (path != "/") {
            auto made = operation(Operation::Kind::Folder, instruction);
            made->folder = path;
            made->user = now_.config.text("User");
            now_.top = made;
        }
        now_.config.addHistory("WORKDIR " + path, path != "/");
    }

    // Configuration

    void environment(const Instruction& instruction) {
        std::string shown;
        std::vector<std::pair<std::string, std::string>> values;
        for (const KeyValue& pair : instruction.pairs) values.emplace_back(expand(pair.key), expand(pair.value));
        for (const auto& [name, value] : values) {
            if (name.empty()) throw parseError(line_, "ENV names can not be blank");
            now_.environment.set(name, value);
            now_.config.setEnvironment(name, value);
            shown += " " + name + "=" + value;
        }
        now_.config.addHistory("ENV" + shown, false);
    }

    void argument(const Instruction& instruction) {
        std::string shown;
        for (const KeyValue& pair : instruction.pairs) {
            KeyValue argument{pair.key, "", pair.hasValue};
            const auto given = shared_.given.find(argument.key);
            if (given != shared_.given.end()) shared_.used.insert(argument.key);
            std::optional<std::string> value;
            if (given != shared_.given.end()) value = given->second;
            else if (pair.hasValue) value = expand(pair.value);
            else value = shared_.globals.find(argument.key);
            shown += " " + argument.key + (value ? "=" + *value : "");
            if (value) now_.environment.set(argument.key, *value);
            argument.value = value.value_or("");
            now_.arguments.push_back(std::move(argument));
        }
        now_.config.addHistory("ARG" + shown, false);
    }

    void label(const Instruction& instruction) {
        std::string shown;
        json& labels = now_.config.config()["Labels"];
        if (!labels.is_object()) labels = json::object();
        for (const KeyValue& pair : instruction.pairs) {
            const std::string name = expand(pair.key), value = expand(pair.value);
            if (name.empty()) throw parseError(line_, "LABEL names can not be blank");
            labels[name] = value;
            shown += " " + name + "=" + value;
        }
        now_.config.addHistory("LABEL" + shown, false);
    }

    void expose(const Instruction& instruction) {
        json& ports = now_.config.config()["ExposedPorts"];
        if (!ports.is_object()) ports = json::object();
        std::vector<std::string> all;
        for (const std::string& word : instruction.arguments)
            for (const std::string& text : Expander({.escape = shared_.escape}).words(word, lookup()))
                for (std::string& port : exposedPorts(text)) all.push_back(std::move(port));
        std::string shown;
        for (const std::string& port : all) {
            ports[port] = json::object();
            shown += (shown.empty() ? "" : " ") + port;
        }
        now_.config.addHistory("EXPOSE [" + shown + "]", false);
    }

    void volume(const Instruction& instruction) {
        std::vector<std::string> paths;
        json& volumes = now_.config.config()["Volumes"];
        if (!volumes.is_object()) volumes = json::object();
        for (const std::string& word : instruction.arguments) {
            paths.push_back(expand(word));
            if (trimmed(paths.back()).empty()) throw parseError(line_, "VOLUME specified can not be an empty string");
            volumes[paths.back()] = json::object();
        }
        now_.config.addHistory("VOLUME [" + joinWords(paths) + "]", false);
    }

    void user(const Instruction& instruction) {
        const std::string name = expand(instruction.arguments[0]);
        now_.config.config()["User"] = name;
        now_.config.addHistory("USER " + name, false);
    }

    void command(const Instruction& instruction) {
        const bool isCmd = instruction.verb == Verb::Cmd;
        std::vector<std::string> words = instruction.arguments;
        if (!instruction.json && !words.empty()) words = withShell(words);
        json& config = now_.config.config();
        config[isCmd ? "Cmd" : "Entrypoint"] = words;
        if (isCmd) cmdSet_ = true;
        else if (!cmdSet_) config.erase("Cmd");
        now_.config.addHistory(fmt::format("{} {}", nameOf(instruction.verb), quotedList(words)), false);
    }

    void stopSignal(const Instruction& instruction) {
        const std::string name = expand(instruction.arguments[0]);
        if (!isWholeNumber(name) || name == "0") signalNumber(name);
        now_.config.config()["StopSignal"] = name;
        now_.config.addHistory("STOPSIGNAL " + name, false);
    }

    void health(const Instruction& instruction) {
        const HealthCheck& check = instruction.health;
        json result = {{"Test", check.test}};
        for (const auto& [key, value] : {std::pair{"Interval", check.interval}, std::pair{"Timeout", check.timeout},
                                         std::pair{"StartPeriod", check.startPeriod}, std::pair{"StartInterval", check.startInterval}})
            if (value.count() != 0) result[key] = value.count();
        if (check.retries != 0) result["Retries"] = check.retries;
        now_.config.config()["Healthcheck"] = result;
        now_.config.addHistory("HEALTHCHECK " + quotedList(check.test), false);
    }

    StageResult now_;
    std::string prefix_;
    int total_ = 0, step_ = 0, line_ = 0;
    bool noCache_ = false;
    PlanShared& shared_;
    Stages& stages_;
    bool cmdSet_ = false;
};

bool makesLayer(const Instruction& instruction) {
    return instruction.verb == Verb::Run || instruction.verb == Verb::Copy || instruction.verb == Verb::Add || instruction.verb == Verb::Workdir;
}

Instruction trigger(const std::string& text, const Instruction& from) {
    Source source = readSource(text);
    if (source.lines.size() != 1) throw parseError(from.first, "an ONBUILD trigger should be a single expression: {}", text);
    SourceLine line = std::move(source.lines.front());
    line.first = from.first;
    line.last = from.last;
    return parseInstruction(line, '\\');
}

}  // namespace

StageResult planStage(const Stage& stage, StageResult base, const std::string& name, PlanShared& shared, Stages& stages, bool several) {
    std::vector<Instruction> instructions;
    for (const std::string& text : base.triggers) instructions.push_back(trigger(text, stage.from));
    base.triggers.clear();
    instructions.insert(instructions.end(), stage.instructions.begin(), stage.instructions.end());
    const auto layers = std::count_if(instructions.begin(), instructions.end(), makesLayer);
    StagePlanner planner(std::move(base), several ? name + " " : "", static_cast<int>(layers) + 1,
                         shared.noCache || shared.noCacheStages.contains(name), shared, stages);
    for (const Instruction& instruction : instructions) planner.apply(instruction);
    return planner.take();
}

}  // namespace devc::engine::build
