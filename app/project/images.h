#pragma once
#include <map>
#include <string>
#include <vector>

#include "app/project/build.h"
#include "app/ui/color.h"
#include "compose/model/project.h"

namespace devc::engine {
class Engine;
}

namespace devc::app {

struct ImageOptions {
    std::string pull;       ///< --pull: always, missing, never, build, ...; empty: each service's own pull_policy
    bool build = false;     ///< --build: every service that can be built is
    bool noBuild = false;   ///< --no-build: none is
    bool quietPull = false;
    bool dryRun = false;
    ProgressMode progress = ProgressMode::Auto;
    Ansi ansi = Ansi::Auto;
    BuildOptions building;
};

/// Makes the images of these services present: pulls what the pull policies ask for (in parallel, once a reference) and
/// builds what is missing or asked to be built. Returns ids by reference. Throws NotFound for an image that is neither here nor
/// to be had, Error for a pull that fails (for a service that can be built, building follows instead).
std::map<std::string, std::string> ensureImages(engine::Engine& engine, const compose::Project& project,
                                                const std::vector<std::string>& services, const ImageOptions& options);

struct PullRequest {
    std::string service, reference, platform;
    bool optional = false;  ///< a failure is told and passed over
};
/// Pulls in parallel, with a line a service and one a layer. Throws the first failure of a request that is not optional.
void pullImages(engine::Engine& engine, const std::vector<PullRequest>& requests, Progress& progress);

/// Whether a service's policy asks for a pull now. `policy`: "", always, missing, if_not_present, never, build, daily, weekly,
/// every_<duration>. Throws Error for others.
bool mustPull(const std::string& policy, bool present, std::optional<engine::Nanoseconds> age);

}  // namespace devc::app
