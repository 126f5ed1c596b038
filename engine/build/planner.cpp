#include "engine/build/planner.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

#include <sys/utsname.h>

#include "engine/build/arguments.h"
#include "engine/build/context_source.h"
#include "engine/build/expand.h"
#include "engine/build/ignore.h"
#include "engine/build/instruction_words.h"
#include "engine/build/parse_error.h"
#include "engine/build/stage_planner.h"

namespace devc::engine::build {

namespace {

std::map<std::string, std::string> givenArguments(const BuildRequest& request) {
    std::map<std::string, std::string> given;
    for (const auto& [name, value] : request.arguments) {
        if (value) given[name] = *value;
        else if (const char* inherited = getenv(name.c_str())) given[name] = inherited;
    }
    return given;
}

std::optional<std::size_t> stageIndex(std::string_view text) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return index;
}

class Planner : public Stages {
public:
    Planner(const Dockerfile& file, const BuildRequest& request, const BaseImages& images, const std::string& created)
        : file_(file), request_(request), images_(images), platform_(request.platform.empty() ? ownPlatform() : request.platform) {
        shared_.given = givenArguments(request);
        shared_.created = created;
        shared_.escape = file.directives.escape;
        shared_.buildContextName = "";
        shared_.noCache = request.noCache;
        for (const std::string& stage : request.noCacheStages) shared_.noCacheStages.insert(lowerCase(stage));
        shared_.network = request.network;
        shared_.insecure = request.insecure;
        shared_.proxies = proxiesOf(shared_.given);
        readGlobals();
        done_.resize(file.stages.size());
        active_.resize(file.stages.size(), false);
    }

    BuildPlan run() {
        const std::size_t target = targetStage();
        const StageResult& result = stage(target);
        BuildPlan plan{result.top, result.config, file_.stages[target].name(), shared_.used, contexts_};
        if (const auto& name = plan.stage; name.empty()) plan.stage = fmt::format("stage-{}", target);
        return plan;
    }

    const StageResult& stage(std::size_t index) override {
        if (done_[index]) return *done_[index];
        const Stage& written = file_.stages[index];
        if (active_[index]) throw parseError(written.from.first, "circular dependency detected on stage: {}", title(index));
        active_[index] = true;
        StageResult start = base(index);
        const std::size_t outer = std::exchange(current_, index);
        done_[index] = planStage(written, std::move(start), title(index), shared_, *this, file_.stages.size() > 1);
        current_ = outer;
        active_[index] = false;
        return *done_[index];
    }

    Origin origin(const std::string& from, Reader reader, int line) override {
        if (request_.additionalContexts.contains(from)) return context(from, line);
        std::optional<std::size_t> index = reader == Reader::Copy ? stageIndex(from) : std::nullopt;
        if (index && *index >= file_.stages.size()) throw parseError(line, "invalid stage index {}", *index);
        const std::string lower = lowerCase(from);
        for (std::size_t i = file_.stages.size(); !index && i-- > 0;)
            if (!lower.empty() && file_.stages[i].name() == lower) index = i;
        if (index) {
            if (*index > current_)
                throw parseError(line, "cannot {} from stage \"{}\", it needs to be defined before current stage \"{}\"",
                                 reader == Reader::Copy ? "copy" : "mount", from, title(current_));
            return {stage(*index).top, "", title(*index)};
        }
        if (from == "scratch") return {scratch(), "", from};
        try {
            return {image(from, platform_), "", from};
        } catch (Error& error) {
            throw suggest(error, from);
        }
    }

private:
    std::string title(std::size_t index) const {
        const std::string name = file_.stages[index].name();
        return name.empty() ? fmt::format("stage-{}", index) : name;
    }

    void readGlobals() {
        shared_.globals = platformArguments(platform_, ownPlatform(), request_.target);
        for (const auto& [name, value] : shared_.globals.all())
            if (const auto given = shared_.given.find(name); given != shared_.given.end()) {
                shared_.globals.set(name, given->second);
                shared_.used.insert(name);
            }
        const Expander expander({.escape = file_.directives.escape});
        for (const Instruction& instruction : file_.globals)
            for (const KeyValue& pair : instruction.pairs) {
                const auto given = shared_.given.find(pair.key);
                if (given != shared_.given.end()) {
                    shared_.globals.set(pair.key, given->second);
                    shared_.used.insert(pair.key);
                } else if (pair.hasValue) {
                    shared_.globals.set(pair.key, expanded(expander, pair.value, instruction.first));
                }
            }
    }

    std::string expanded(const Expander& expander, const std::string& text, int line) const {
        try {
            return expander.word(text, [this](std::string_view name) { return shared_.globals.find(name); });
        } catch (Error& error) {
            throw parseError(line, "failed to process \"{}\": {}", text, error.what());
        }
    }

    std::size_t targetStage() const {
        if (request_.target.empty()) return file_.stages.size() - 1;
        const std::string lower = lowerCase(request_.target);
        std::vector<std::string> names;
        for (std::size_t i = file_.stages.size(); i-- > 0;) {
            if (file_.stages[i].name() == lower) return i;
            if (!file_.stages[i].name().empty()) names.push_back(file_.stages[i].name());
        }
        const std::string meant = nearest(lower, names);
        Error error = Error::of("target stage \"{}\" could not be found{}", request_.target, meant.empty() ? "" : " (did you mean " + meant + "?)");
        std::string list;
        for (auto name = names.rbegin(); name != names.rend(); ++name) list += (list.empty() ? "" : ", ") + *name;
        if (!list.empty()) error.detail("stages: " + list);
        throw error;
    }

    OperationPtr scratch() {
        if (!scratch_) {
            auto operation = std::make_shared<Operation>();
            operation->title = "FROM scratch";
            scratch_ = operation;
        }
        return scratch_;
    }

    OperationPtr image(const std::string& reference, const std::string& platform) {
        OperationPtr& known = imageOperations_[reference + " " + platform];
        if (!known) {
            auto operation = std::make_shared<Operation>();
            operation->kind = Operation::Kind::Image;
            operation->image = images_.resolve(reference, platform);
            operation->title = "FROM " + reference;
            known = operation;
        }
        return known;
    }

    Origin context(const std::string& name, int line) {
        const std::string& value = request_.additionalContexts.at(name);
        if (value.starts_with("docker-image://")) return {image(value.substr(15), platform_), "", name};
        if (value.starts_with("oci-layout://")) return {image(value, platform_), "", name};
        if (value.find("://") != std::string::npos && !value.starts_with("file://") && !ContextSource::isAddress(value))
            throw parseError(line, "the context {} is of a kind that cannot be read: {}", name, value)
                .hint("a folder, a git repository, an archive at a URL, docker-image://NAME and oci-layout://FOLDER are known");
        contexts_.insert(name);
        return {nullptr, name, name};
    }

    Error suggest(const Error& error, const std::string& name) const {
        std::vector<std::string> names;
        for (const Stage& stage : file_.stages) names.push_back(stage.name());
        const std::string meant = nearest(name, names);
        Error better = error;
        if (!meant.empty()) better.hint(fmt::format("did you mean the stage {}?", meant));
        return better;
    }

    StageResult fromImage(const OperationPtr& operation) const {
        const Image& image = operation->image;
        StageResult result{operation, StageConfig(images_.config(image), image.diffIds.size(), shared_.created), {}, {}, {}};
        result.triggers = result.config.takeTriggers();
        return result;
    }

    StageResult fromNothing() const {
        const std::size_t slash = platform_.find('/');
        return {nullptr, StageConfig(platform_.substr(slash == std::string::npos ? 0 : slash + 1), shared_.created), {}, {}, {}};
    }

    /// What FROM names: an earlier stage, a named context, scratch or an image.
    StageResult base(std::size_t index) {
        const Instruction& from = file_.stages[index].from;
        const Expander expander({.escape = file_.directives.escape});
        const std::string name = expanded(expander, from.arguments[0], from.first);
        if (name.empty()) throw parseError(from.first, "base name ({}) should not be blank", from.arguments[0]);
        std::string platform = platform_;
        if (const Flag* flag = from.flag("platform")) {
            platform = expanded(expander, flag->value, from.first);
            if (platform.empty()) throw parseError(from.first, "empty platform value from expression {}", flag->value);
            checkPlatform(platform, from.first);
        }
        try {
            if (name != "scratch") engine::Reference::parse(name);
        } catch (Error& error) {
            throw parseError(from.first, "failed to parse stage name \"{}\": {}", name, error.what());
        }
        for (std::size_t i = index; i-- > 0;)
            if (file_.stages[i].name() == name) {
                StageResult result = stage(i);
                result.triggers = result.config.takeTriggers();
                return result;
            }
        if (request_.additionalContexts.contains(name)) return fromContext(name, from.first);
        if (name == "scratch") {
            StageResult result = fromNothing();
            result.top = scratch();
            return result;
        }
        try {
            return fromImage(image(name, platform));
        } catch (Error& error) {
            Error better = suggest(error, name);
            throw better.during("{}: failed to resolve source metadata", name).during("dockerfile line {}", from.first);
        }
    }

    /// "linux/amd64", "linux/arm/v7", ...
    static void checkPlatform(const std::string& platform, int line) {
        std::size_t parts = 0;
        for (std::size_t at = 0; at <= platform.size(); ++parts) {
            const std::size_t end = std::min(platform.find('/', at), platform.size());
            const std::string part = platform.substr(at, end - at);
            const bool valid = !part.empty() && std::all_of(part.begin(), part.end(), [](unsigned char c) {
                return std::isalnum(c) || c == '_' || c == '.' || c == '-';
            });
            if (!valid) throw parseError(line, "failed to parse platform {}: \"{}\" is no part of a platform", platform, part);
            at = end + 1;
        }
        if (parts > 3) throw parseError(line, "failed to parse platform {}: it has more parts than OS/ARCHITECTURE/VARIANT", platform);
    }

    StageResult fromContext(const std::string& name, int line) {
        const Origin from = context(name, line);
        if (from.operation) return fromImage(from.operation);
        auto operation = std::make_shared<Operation>();
        operation->kind = Operation::Kind::Copy;
        operation->parent = scratch();
        operation->copy.from = from;
        operation->copy.sources = {"."};
        operation->copy.destination = "/";
        operation->title = "FROM " + name;
        operation->first = operation->last = line;
        StageResult result = fromNothing();
        result.top = operation;
        result.config.addHistory("FROM " + name, true);
        return result;
    }

    const Dockerfile& file_;
    const BuildRequest& request_;
    const BaseImages& images_;
    std::string platform_;
    PlanShared shared_;
    std::vector<std::optional<StageResult>> done_;
    std::vector<bool> active_;
    std::size_t current_ = 0;  ///< the stage whose instructions are planned
    std::map<std::string, OperationPtr> imageOperations_;
    OperationPtr scratch_;
    std::set<std::string> contexts_;
};

}  // namespace

std::string ownPlatform() {
    utsname about{};
    uname(&about);
    const std::string machine = about.machine;
    if (machine == "x86_64") return "linux/amd64";
    if (machine == "aarch64") return "linux/arm64";
    if (machine == "armv7l") return "linux/arm/v7";
    if (machine == "i686") return "linux/386";
    return "linux/" + machine;
}

BuildPlan plan(const Dockerfile& file, const BuildRequest& request, const BaseImages& images, const std::string& created) {
    return Planner(file, request, images, created).run();
}

}  // namespace devc::engine::build
