#include "app/context.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include <unistd.h>

#include "app/report.h"
#include "compose/load.h"
#include "compose/remote.h"
#include "engine/engine.h"
#include "engine/host.h"
#include "engine/image/artifacts.h"

namespace devc::app {
namespace {

compose::StringMap processEnvironment() {
    compose::StringMap result;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const std::size_t equals = text.find('=');
        if (equals != std::string_view::npos && equals > 0)
            result.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return result;
}

/// Whether a compose file lies where load() would look for one when none is named.
bool defaultFileExists(const std::filesystem::path& from) {
    for (std::filesystem::path folder = from;; folder = folder.parent_path()) {
        for (const char* name : {"compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"}) {
            std::error_code ignored;
            if (std::filesystem::exists(folder / name, ignored)) return true;
        }
        if (folder == folder.parent_path()) return false;
    }
}

/// What a registry has under the reference of an `oci://` file.
compose::PublishedProject fetchProject(const std::string& reference) {
    engine::FetchedArtifact fetched = engine::fetchArtifact(engine::Host::fromEnvironment(), reference);
    compose::PublishedProject project{std::move(fetched.digest), std::move(fetched.artifact.type), {}};
    for (engine::ArtifactFile& file : fetched.artifact.files) project.files.push_back({std::move(file.mediaType), std::move(file.annotations), std::move(file.text)});
    return project;
}

}  // namespace

Context::Context() = default;
Context::~Context() = default;

engine::Engine& Context::engine() {
    // Whatever the user's mask is, nobody else writes what the engine keeps.
    if (!engine_) ::umask(::umask(077) | 022);
    if (!engine_) engine_ = std::make_unique<engine::Engine>();
    return *engine_;
}

compose::LoadRequest Context::loadRequest() {
    compose::LoadRequest request;
    request.files = options.files;
    request.projectName = options.projectName;
    request.projectDirectory = options.projectDirectory;
    request.envFiles = options.envFiles;
    request.profiles = options.profiles;
    request.allResources = options.allResources;
    request.environment = processEnvironment();
    if (!remote_) remote_ = std::make_shared<compose::RemoteFiles>(engine::Host::fromEnvironment().stateDir / "remote", request.environment, fetchProject);
    request.remote = remote_;
    request.currentDir = std::filesystem::current_path();
    request.warn = [](const std::string& text) { reportLine("warning: ", text); };
    return request;
}

const compose::Project& Context::project() {
    if (!project_) project_ = std::make_unique<const compose::Project>(compose::load(loadRequest()));
    return *project_;
}

const compose::Project& Context::project(const std::vector<std::string>& services) {
    project();
    const bool disabled = std::any_of(services.begin(), services.end(), [&](const std::string& name) { return project_->disabledServices.contains(name); });
    if (!disabled) return *project_;
    // Loaded once more: what a disabled service uses (networks, volumes) is not in the project.
    compose::LoadRequest request = loadRequest();
    request.warn = nullptr;
    project_ = std::make_unique<const compose::Project>(compose::loadSelected(request, services));
    return *project_;
}

const compose::Project* Context::projectIfAny(const std::vector<std::string>& services) {
    if (project_) return project_.get();
    if (outline_) return outline_.get();
    // With --project-name alone a project is what its containers say, whatever file lies here.
    if (!options.projectName.empty() && options.files.empty()) return nullptr;
    const bool named = std::getenv("COMPOSE_PROJECT_NAME") != nullptr;
    const bool filesNamed = !options.files.empty() || std::getenv("COMPOSE_FILE") != nullptr;
    const std::filesystem::path folder =
        options.projectDirectory.empty() ? std::filesystem::current_path() : std::filesystem::path(options.projectDirectory);
    if (named && !filesNamed && !defaultFileExists(folder)) return nullptr;
    compose::LoadRequest request = loadRequest();
    request.resolveEnvironment = false;
    outline_ = std::make_unique<const compose::Project>(compose::loadSelected(request, services));
    return outline_.get();
}

std::string Context::projectName() {
    if (project_ || outline_) return (project_ ? project_ : outline_)->name;
    return compose::projectNameOf(loadRequest());
}

}  // namespace devc::app
