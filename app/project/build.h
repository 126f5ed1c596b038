#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/ui/progress.h"
#include "compose/model/project.h"
#include "engine/build/builder.h"

namespace devc::engine {
class Engine;
}

namespace devc::app {

class BuildView;

inline constexpr const char* insecureEntitlement = "security.insecure";

/// What the command line adds to a service's `build:`.
struct BuildOptions {
    std::map<std::string, std::optional<std::string>> arguments;  ///< over those of the file; nullopt: from the environment
    std::vector<std::string> ssh;
    bool noCache = false, pull = false, debugShell = false;
    ProgressMode progress = ProgressMode::Auto;
    Ansi ansi = Ansi::Auto;
};

/// `build:` of a service as the engine's builder takes it; the image gets the service's image name and `tags`.
engine::BuildRequest buildRequest(const compose::Project& project, const compose::Service& service, const BuildOptions& options);

/// Builds the images of these services next to each other, as far as `additional_contexts: service:x` lets, and shows it on stderr.
/// Returns image ids by service. Throws Error of the first that fails.
std::map<std::string, std::string> buildServices(engine::Engine& engine, const compose::Project& project,
                                                 const std::vector<std::string>& services, const BuildOptions& options);

/// For BuildRequest::examine: a shell on the terminal in the failed step, with the view out of its way. Throws Error if there
/// is no terminal. The view outlives what is returned.
std::function<void(const engine::FailedStep&)> debugShell(BuildView& view);

/// SOURCE_DATE_EPOCH of the build arguments or the environment.
std::optional<std::int64_t> sourceDateEpoch(const std::map<std::string, std::optional<std::string>>& arguments);

}  // namespace devc::app
