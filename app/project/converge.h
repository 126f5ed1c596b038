#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/context.h"
#include "app/project/desired.h"
#include "app/project/hooks.h"
#include "app/project/images.h"
#include "app/project/lock.h"
#include "app/project/plan.h"
#include "app/ui/progress.h"
#include "compose/model/project.h"

namespace devc::app {

class Stopwatch;

struct ConvergeOptions {
    std::vector<std::string> services;  ///< named by the user; empty: all
    bool dependencies = true;           ///< false: --no-deps
    std::map<std::string, int> scale;
    std::string oneOff;                 ///< service of `run`: its image, networks and volumes are made, its containers left alone
    PlanOptions plan;
    ImageOptions images;
    bool quiet = false;                 ///< no progress
    bool provide = true;                ///< false: what providers bring up was had before
    HookOutput hookOutput;              ///< what hooks write; none: messages of the progress
    std::shared_ptr<Stopwatch> stopwatch;  ///< what it has measured is kept with the project, if anything was done
    std::function<void(const std::string& id, const std::string& name, const std::string& service)> started;
};

struct Converged {
    compose::Project project;  ///< what was selected
    DesiredProject desired;
    std::optional<DesiredService> oneOff;       ///< of ConvergeOptions::oneOff
    std::map<std::string, std::string> images;  ///< ids by reference
};

/// Brings the engine to what the compose files say: images, then the plan, done under the project's lock, shown on stderr.
/// Throws the first failure; what was done until then stays and the next call goes on from there.
Converged converge(Context& context, const ConvergeOptions& options);

/// The project's lock; a message on stderr tells whom it waits for.
ProjectLock lockProject(Context& context, const std::string& project);

/// Progress on stderr as the global options say.
std::unique_ptr<Progress> progressOf(Context& context, std::string title = "Running");

/// What --progress, --ansi and --dry-run mean for pulls and builds.
ImageOptions imageOptionsOf(const Context& context);

/// "web=3" pairs of --scale and `scale`. Throws Error, exit status 1.
std::map<std::string, int> parseScale(const std::vector<std::string>& pairs);

/// -t: seconds, or a duration as Go writes it. Empty: nullopt.
std::optional<engine::Nanoseconds> parseTimeout(const std::string& text);

}  // namespace devc::app
