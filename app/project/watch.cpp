#include "app/project/watch.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <set>

#include <fcntl.h>
#include <unistd.h>

#include "app/project/converge.h"
#include "app/project/execute.h"
#include "app/project/hooks.h"
#include "app/project/labels.h"
#include "app/project/observe.h"
#include "app/project/tree_watch.h"
#include "app/report.h"
#include "engine/build/context_source.h"
#include "engine/build/ignore.h"
#include "engine/container/copy.h"
#include "engine/engine.h"
#include "engine/error.h"
#include "engine/linux/plain_file.h"

namespace devc::app {
namespace {

namespace fs = std::filesystem;
using engine::Container;
using engine::Error;
using engine::build::PatternList;

std::string contentOf(const fs::path& file) {
    return fs::exists(file) ? engine::readAtMost(file.string(), engine::build::largestDockerfile) : std::string();
}

/// What editors, and git, write for themselves: as Compose leaves it alone.
const PatternList& scratchFiles() {
    static const PatternList list(std::vector<std::string>{"**/.git", "**/.idea", "**/*___jb_old___", "**/*___jb_tmp___", "**/.#*", "**/#*#", "**/4913", "**/*~", "**/.*.swp",
                                                           "**/.*.swx", "**/.*.swo", "**/.*.swn", "**/.*.kate-swp", "**/*-go-tmp-umask"});
    return list;
}

/// One rule of a service, ready to be asked about paths.
struct Rule {
    std::string service;
    const compose::WatchRule* rule = nullptr;
    PatternList ignore, include, dockerignore;
    std::string context;
    std::vector<std::string> shared;  ///< folders and files that the container has from outside: syncing them would go round for ever

    bool isShared(const std::string& path) const {
        return std::any_of(shared.begin(), shared.end(), [&](const std::string& source) { return source == "/" || path == source || path.starts_with(source + "/"); });
    }
    bool below(const std::string& path) const {
        return path == rule->path || (path.starts_with(rule->path) && (rule->path.ends_with('/') || path[rule->path.size()] == '/'));
    }
    std::string relative(const std::string& path) const { return path == rule->path ? fs::path(path).filename().string() : fs::path(path).lexically_relative(rule->path).string(); }

    bool ignored(const std::string& path) const {
        const std::string name = relative(path);
        if (scratchFiles().matches(name)) return true;
        if (!ignore.empty() && ignore.matches(name)) return true;
        return !context.empty() && path.starts_with(context + "/") && dockerignore.matches(path.substr(context.size() + 1));
    }
    /// May the rule take something in this folder?
    bool reaches(const std::string& folder) const {
        if (folder == rule->path || rule->path.starts_with(folder + "/")) return true;
        if (!below(folder)) return false;
        if (!ignored(folder)) return true;
        const bool byContext = !context.empty() && folder.starts_with(context + "/") && dockerignore.mayExceptBelow(folder.substr(context.size() + 1));
        return byContext || ignore.mayExceptBelow(relative(folder));
    }
    bool takes(const std::string& path) const {
        return below(path) && !ignored(path) && !isShared(path) && (include.empty() || include.matches(relative(path)) || include.matches(fs::path(path).filename().string()));
    }
    std::string target(const std::string& path) const {
        return path == rule->path ? rule->target : (fs::path(rule->target) / relative(path)).lexically_normal().string();
    }
};

class Watcher {
public:
    Watcher(Context& context, const WatchOptions& options) : context_(context), options_(options) {
        const compose::Project& project = context.project(options.services);
        for (const auto& [name, service] : project.services) {
            if (!options.services.empty() && std::find(options.services.begin(), options.services.end(), name) == options.services.end()) continue;
            for (const compose::WatchRule& rule : service.watch) addRule(service, rule);
        }
        if (rules_.empty() && warnings_.empty())
            throw Error("none of the selected services is configured for watch, consider setting a 'develop' section").hint("add `develop: {watch: [...]}` to a service");
    }

    void run(int stop) {
        for (const std::string& warning : warnings_) reportLine("warning: ", warning);
        TreeWatch tree;
        const auto skip = [this](const std::string& folder) {
            return std::none_of(rules_.begin(), rules_.end(), [&](const Rule& rule) { return rule.reaches(folder); });
        };
        for (const Rule& rule : rules_) tree.add(rule.rule->path, skip);
        for (const Rule& rule : rules_)
            if (rule.rule->initialSync) syncAll(rule);
        say("Watch enabled");
        for (;;) {
            const std::set<std::string> changed = tree.next(stop);
            if (changed.empty()) return;
            std::set<std::string> rebuilt;
            for (const Rule& rule : rules_) {
                std::set<std::string> mine;
                std::copy_if(changed.begin(), changed.end(), std::inserter(mine, mine.end()), [&](const std::string& path) { return rule.takes(path); });
                if (mine.empty() || rebuilt.contains(rule.service)) continue;
                if (rule.rule->action == "rebuild") rebuilt.insert(rule.service);
                attempt(rule, mine);
            }
        }
    }

private:
    void addRule(const compose::Service& service, const compose::WatchRule& given) {
        Rule rule;
        rule.service = service.name;
        rule.rule = &given;
        rule.ignore = PatternList(given.ignore);
        rule.include = PatternList(given.include);
        if (service.build && fs::is_directory(service.build->context)) {
            rule.context = service.build->context;
            rule.dockerignore = PatternList::parse(contentOf(fs::path(rule.context) / ".dockerignore"));
        }
        if (given.action.starts_with("sync"))
            for (const compose::Mount& mount : service.mounts)
                if (mount.type == compose::MountType::Bind) rule.shared.push_back(mount.source);
        if (rule.isShared(given.path)) warnings_.push_back(fmt::format("service {}: {} is bind-mounted, so it is not watched to be copied", service.name, given.path));
        else rules_.push_back(std::move(rule));
    }

    void say(const std::string& text) const {
        if (!options_.quiet) reportLine("", text);
    }

    /// The files that a change of each would bring.
    void syncAll(const Rule& rule) {
        std::set<std::string> files;
        const auto add = [&](const fs::path& path) {
            if (rule.takes(path.string())) files.insert(path.string());
        };
        if (!fs::exists(rule.rule->path)) return;
        if (!fs::is_directory(rule.rule->path)) add(rule.rule->path);
        else
            for (const auto& entry : fs::recursive_directory_iterator(rule.rule->path))
                if (!entry.is_directory() || entry.is_symlink()) add(entry.path());
        if (!files.empty()) attempt(rule, files);
    }

    void attempt(const Rule& rule, const std::set<std::string>& changed) {
        try {
            perform(rule, changed);
        } catch (const Error& error) {
            reportLine("", fmt::format("service {}: {}", rule.service, error.what()));
        }
    }

    void perform(const Rule& rule, const std::set<std::string>& changed) {
        const std::string& action = rule.rule->action;
        if (action == "rebuild") return rebuild(rule.service);
        if (action.starts_with("sync")) {
            say(fmt::format("Syncing service \"{}\" after {} changes were detected", rule.service, changed.size()));
            for (const Container& container : running(rule.service)) sync(rule, container, changed);
        }
        if (action == "sync+exec")
            for (const Container& container : running(rule.service)) runHook(container, rule.rule->exec);
        if (action == "restart" || action == "sync+restart") {
            restart(rule.service);
            say(fmt::format("service \"{}\" restarted", rule.service));
        }
    }

    std::vector<Container> running(const std::string& service) {
        std::vector<Container> containers = containersOf(context_.engine(), context_.project().name);
        std::erase_if(containers, [&](const Container& c) { return serviceOf(c) != service || isOneOff(c) || c.state.status != engine::Status::Running; });
        return containers;
    }

    void sync(const Rule& rule, const Container& container, const std::set<std::string>& changed) {
        const engine::Host& host = context_.engine().host();
        std::vector<std::string> gone{"rm", "-rf", "--"};
        engine::CopyOptions options;
        options.makeFolders = true;
        for (const std::string& path : changed) {
            try {
                engine::copyIn(host, context_.engine().containers().openRoot(container.id), path, rule.target(path), options);
            } catch (const engine::NotFound&) {
                std::error_code missing;
                if (fs::exists(fs::symlink_status(path, missing))) throw;
                gone.push_back(rule.target(path));
            }
        }
        if (gone.size() > 3) execute(container, gone);
    }

    void execute(const Container& container, std::vector<std::string> command) {
        engine::ExecSpec spec;
        spec.command = std::move(command);
        spec.user = "0";
        spec.interactive = false;
        if (const int status = context_.engine().containers().exec(container.id, spec); status != 0)
            throw Error::of("{} in {} ended with status {}", spec.command.front(), container.name, status);
    }

    void runHook(const Container& container, const compose::Hook& hook) {
        if (const int status = context_.engine().containers().exec(container.id, execOf(hook)); status != 0)
            throw Error::of("exec after sync in {} ended with status {}", container.name, status);
    }

    /// As the command `restart` does it.
    void restart(const std::string& service) {
        const std::string& project = context_.project().name;
        const ProjectLock lock = lockProject(context_, project);
        std::vector<Container> containers = containersOf(context_.engine(), project);
        std::erase_if(containers, isOneOff);
        ExecuteOptions options;
        options.parallel = context_.options.parallel;
        options.hooks = hooksOf(context_.project());
        const auto progress = options_.quiet ? Progress::make(ProgressMode::Quiet, Ansi::Never) : progressOf(context_);
        app::execute(context_.engine(), planRestart(containers, {service}, true, std::nullopt, "files changed"), nullptr, *progress, options);
        progress->finish();
    }

    void rebuild(const std::string& service) {
        say(fmt::format("Rebuilding service \"{}\" after changes were detected...", service));
        ConvergeOptions options;
        options.services = {service};
        options.dependencies = false;
        options.images = imageOptionsOf(context_);
        options.images.build = true;
        options.plan.ignoreOrphans = true;
        options.quiet = options_.quiet;
        converge(context_, options);
        if (options_.prune) prune();
    }

    /// What earlier builds for the project made and no name or container has any more.
    void prune() {
        engine::Images& images = context_.engine().images();
        for (const engine::Image& image : images.list()) {
            const auto owner = image.config.labels.find(label::project);
            if (!image.references.empty() || owner == image.config.labels.end() || owner->second != context_.project().name) continue;
            try {
                images.remove(image.id, false);
            } catch (const engine::NotFound&) {  // another was faster
            } catch (const engine::Conflict&) {  // in use
            }
        }
    }

    Context& context_;
    const WatchOptions& options_;
    std::vector<Rule> rules_;
    std::vector<std::string> warnings_;
};

}  // namespace

void checkWatchable(Context& context, const WatchOptions& options) { const Watcher ready(context, options); }

void watchProject(Context& context, const WatchOptions& options, int stop) { Watcher(context, options).run(stop); }

}  // namespace devc::app
