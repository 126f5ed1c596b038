#include "app/commands/up_attached.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <iterator>
#include <memory>
#include <set>

#include <poll.h>
#include <unistd.h>

#include <fmt/format.h>

#include "app/commands/commands.h"
#include "app/project/arrivals.h"
#include "app/project/background.h"
#include "app/project/end_signals.h"
#include "app/project/execute.h"
#include "app/project/follow.h"
#include "app/project/observe.h"
#include "app/project/watch.h"
#include "app/ui/menu.h"
#include "app/ui/table.h"
#include "compose/graph.h"
#include "compose/render/render.h"
#include "engine/engine.h"
#include "engine/error.h"
#include "engine/timestamp.h"

namespace devc::app {
namespace {

using engine::Container;
using engine::Error;

class Session {
public:
    Session(Context& context, const ConvergeOptions& options, const AttachFlags& flags)
        : context_(context), options_(options), flags_(flags), printer_(flags.print.options(context)), followers_(context.engine(), printer_) {}

    void run() {
        const compose::Project& whole = context_.project();
        refuseUnknown(whole);
        if (flags_.watch) checkWatchable(context_, watchOptions());
        begin_ = engine::timestampNow();
        ConvergeOptions creation = options_;
        creation.plan.start = false;
        const Converged converged = converge(context_, creation);
        chooseShown(converged);
        EndSignals signals;  // before the first thread: one that does not block them would die of them
        followRunning(converged);
        start(signals);
        finish();
    }

private:
    void refuseUnknown(const compose::Project& project) const {
        std::vector<std::string> names = flags_.attach;
        names.insert(names.end(), flags_.noAttach.begin(), flags_.noAttach.end());
        if (!flags_.exitCodeFrom.empty()) names.push_back(flags_.exitCodeFrom);
        for (const std::string& name : names)
            if (!project.services.contains(name) && !project.disabledServices.contains(name)) throw Error::of("no such service: {}", name);
    }

    void chooseShown(const Converged& converged) {
        const auto listed = [](const std::vector<std::string>& names, const std::string& name) {
            return std::find(names.begin(), names.end(), name) != names.end();
        };
        for (const auto& [name, service] : converged.project.services) {
            services_.insert(name);
            const bool named = options_.services.empty() || flags_.dependencies || listed(options_.services, name);
            const bool wanted = flags_.attach.empty() ? named && service.attach : listed(flags_.attach, name);
            if (wanted && !listed(flags_.noAttach, name)) shown_.insert(name);
        }
    }

    void follow(const Container& container, const std::string& since) {
        engine::LogQuery query;
        query.follow = true;
        query.since = since;
        const bool print = shown_.contains(serviceOf(container));
        followers_.follow(container, query, print, print);
    }

    void followRunning(const Converged& converged) {
        std::string names;
        for (const Container& container : containersOf(context_.engine(), converged.project.name)) {
            if (isOneOff(container) || !services_.contains(serviceOf(container))) continue;
            if (shown_.contains(serviceOf(container))) names += (names.empty() ? "" : ", ") + shownName(container);
            if (isActive(container)) follow(container, begin_);
        }
        if (!names.empty()) std::fprintf(stderr, "Attaching to %s\n", names.c_str());
        if (flags_.menu && Menu::isPossible()) menu_.emplace();
        showMenu();
    }

    HookOutput hookOutput() {
        return [this](const std::string& source, std::string_view line) {
            printer_.write(source, std::string(line) + "\n");
            printer_.flush();
        };
    }

    /// Starts what does not run yet, and stays until all has ended or something asks for the end.
    void start(EndSignals& signals) {
        ConvergeOptions starting = options_;
        starting.plan.recreate = starting.plan.recreateDependencies = Recreate::Never;
        starting.plan.ignoreOrphans = true;
        starting.images.build = false;
        starting.images.pull = "missing";
        starting.quiet = true;
        starting.provide = false;
        starting.hookOutput = hookOutput();
        starting.started = [this](const std::string& id, const std::string&, const std::string&) {
            follow(context_.engine().containers().find(id), begin_);
        };
        Background work([this, starting] { converge(context_, starting); });
        const Arrivals arrivals(context_.engine(), context_.project().name, begin_, [this](const Container& container) {
            if (services_.contains(serviceOf(container))) follow(container, begin_);
        });
        bool started = false;
        while (!started || followers_.open() > 0 || (watcher_ != nullptr && stopper_ == nullptr)) {
            pollfd polled[] = {{signals.descriptor(), POLLIN, 0},
                               {followers_.descriptor(), POLLIN, 0},
                               {started ? -1 : work.descriptor(), POLLIN, 0},
                               {menu_ && started ? menu_->descriptor() : -1, POLLIN, 0},
                               {byKey_ && watcher_ != nullptr ? watcher_->descriptor() : -1, POLLIN, 0}};
            if (::poll(polled, std::size(polled), -1) < 0 && errno != EINTR) throw engine::SystemError("poll", errno);
            if (polled[0].revents != 0)
                if (const int signal = signals.take(); signal != 0) interrupt(signal);
            if (polled[2].revents != 0) {
                work.join();
                started = true;
                if (work.failure() && stopper_ == nullptr) failure_ = work.failure();
                // What was started while the others were being stopped must end too.
                if (stopper_ != nullptr || failure_) stop();
                else if (flags_.watch) watch();
            }
            if (polled[3].revents != 0) press(menu_->take());
            if (polled[4].revents != 0 && watcher_ != nullptr) endWatch();
            while (const auto ended = followers_.take()) noteEnd(*ended);
        }
        hideMenu();
    }

    void showMenu() {
        if (menu_) printer_.footer(fmt::format("v View Config   w {} Watch   d Detach", watcher_ != nullptr ? "Disable" : "Enable"));
    }

    /// Before others write to the terminal.
    void hideMenu() {
        printer_.footer("");
        menu_.reset();
    }

    void press(char key) {
        switch (key) {
            case 'v': return printer_.say(compose::render(context_.project(), {}));
            case 'w': return toggleWatch();
            case 'd': return detach();
            default: return;
        }
    }

    void toggleWatch() {
        if (watcher_ != nullptr) return endWatch();
        byKey_ = true;
        watchStop_.clear();
        watch();
        showMenu();
    }

    /// Asked for by a key, or by itself because it cannot watch.
    void endWatch() {
        watchStop_.raise();
        watcher_->join();
        try {
            if (watcher_->failure()) std::rethrow_exception(watcher_->failure());
        } catch (const std::exception& error) {
            printer_.say(fmt::format("watch: {}\n", escapeControls(error.what())));
        }
        watcher_.reset();
        showMenu();
    }

    /// The containers go on. What follows their output would wait for their ends: it goes with this process.
    [[noreturn]] void detach() {
        if (watcher_ != nullptr) endWatch();
        hideMenu();
        std::fflush(nullptr);
        ::_exit(0);
    }

    /// Of what it starts, dependencies too.
    WatchOptions watchOptions() const {
        WatchOptions options;
        for (const auto& [name, service] : compose::select(context_.project(options_.services), options_.services, options_.dependencies).services) options.services.push_back(name);
        return options;
    }

    void watch() {
        watcher_ = std::make_unique<Background>([this] { watchProject(context_, watchOptions(), watchStop_.descriptor()); });
    }

    void noteEnd(const Followers::Ended& ended) {
        if (ended.service == flags_.exitCodeFrom && !exitCode_) exitCode_ = ended.exitCode;
        if (stopper_ != nullptr) return;
        const bool abort = flags_.abortOnExit || !flags_.exitCodeFrom.empty() || (flags_.abortOnFailure && ended.exitCode != 0);
        if (!abort) return;
        if (flags_.exitCodeFrom.empty()) exitCode_ = ended.exitCode;
        hideMenu();
        std::fprintf(stderr, "Aborting on container exit...\n");
        stop();
    }

    void interrupt(int signal) {
        if (stopper_ != nullptr) return killAll();
        interrupted_ = signal;
        hideMenu();
        std::fprintf(stderr, "Gracefully Stopping... press Ctrl+C again to force\n");
        stop();
    }

    /// Stops the services in order, beside the reading of their output.
    void stop() {
        if (stopper_ != nullptr) stopper_->join();
        hideMenu();
        if (watcher_ != nullptr) watchStop_.raise();
        stopper_ = std::make_unique<Background>([this] {
            ActionGraph graph;
            const std::vector<Container> containers = mine();
            std::vector<const Container*> pointers;
            for (const Container& container : containers) pointers.push_back(&container);
            planStops(graph, pointers, options_.plan.timeout, "up ends");
            const auto progress = progressOf(context_);
            ExecuteOptions execution;
            execution.hooks = hooksOf(context_.project());
            execution.hookOutput = hookOutput();
            execute(context_.engine(), graph, nullptr, *progress, execution);
            progress->finish();
        });
    }

    void killAll() {
        for (const Container& container : mine()) {
            if (!isActive(container)) continue;
            try {
                context_.engine().containers().kill(container.id, SIGKILL);
            } catch (const Error&) {  // it ended meanwhile
            }
        }
    }

    std::vector<Container> mine() {
        std::vector<Container> containers = containersOf(context_.engine(), context_.project().name);
        std::erase_if(containers, [&](const Container& container) { return isOneOff(container) || !services_.contains(serviceOf(container)); });
        return containers;
    }

    void finish() {
        if (stopper_ != nullptr) {
            stopper_->join();
            if (stopper_->failure() && !failure_) failure_ = stopper_->failure();
        }
        if (watcher_ != nullptr) {
            watcher_->join();
            if (watcher_->failure() && !failure_) failure_ = watcher_->failure();
        }
        if (failure_) std::rethrow_exception(failure_);
        if (interrupted_ != 0) context_.status = 128 + interrupted_;
        if (exitCode_) context_.status = *exitCode_;
    }

    Context& context_;
    const ConvergeOptions& options_;
    const AttachFlags& flags_;
    LogPrinter printer_;
    Followers followers_;
    std::string begin_;
    std::set<std::string> services_, shown_;
    engine::Wakeup watchStop_;
    std::optional<Menu> menu_;
    bool byKey_ = false;  ///< a key has begun the watching, or ended it
    std::unique_ptr<Background> watcher_, stopper_;
    std::exception_ptr failure_;
    std::optional<int> exitCode_;
    int interrupted_ = 0;
};

}  // namespace

void AttachFlags::addTo(CLI::App& command) {
    command.add_flag("--abort-on-container-exit", abortOnExit, "Stop all containers if any container was stopped");
    command.add_flag("--abort-on-container-failure", abortOnFailure, "Stop all containers if any container exited with failure");
    command.add_option("--exit-code-from", exitCodeFrom, "Return the exit code of the selected service's container");
    addList(command, "--attach", attach, "Restrict attaching to the specified services");
    addList(command, "--no-attach", noAttach, "Do not attach to the specified services");
    command.add_flag("--attach-dependencies", dependencies, "Attach to dependent services too");
    print.addTo(command, "--timestamps");
    command.add_flag("-w,--watch", watch, "Watch source code and update containers when files change");
}

void upAttached(Context& context, const ConvergeOptions& options, const AttachFlags& flags) { Session(context, options, flags).run(); }

}  // namespace devc::app
