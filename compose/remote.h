#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "compose/git_repository.h"
#include "compose/model/mapping.h"
#include "compose/publication.h"

namespace devc::compose {

/// Whether a text names something that is not in the file system: a URL, git@..., oci:...
bool isRemote(std::string_view text);

/// Who named a remote file: a compose or .env file, or the user on the command line or in the environment.
enum class NamedBy { File, User };

/// Compose files from git repositories and registries, fetched into a folder once a commit or digest. What a file names is
/// only fetched where COMPOSE_EXPERIMENTAL_GIT_REMOTE or COMPOSE_EXPERIMENTAL_OCI_REMOTE is true; what the user names unless
/// it is false.
class RemoteFiles {
public:
    /// Gets what a registry has for a reference ("host/team/app:1"). Throws a std::exception.
    using FetchPublished = std::function<PublishedProject(const std::string& reference)>;

    /// `folder`: made when something is fetched. `environment`: of the process, without .env files.
    RemoteFiles(std::string folder, StringMap environment, FetchPublished published)
        : folder_(std::move(folder)), environment_(std::move(environment)), published_(std::move(published)) {}

    /// The local path of the compose file that `text` names; asked for once, whatever is loaded how often. `tell` gets which
    /// commit or digest it is. Throws std::runtime_error: not enabled, what git or the registry says.
    std::string fetch(std::string_view text, NamedBy by, const Tell& tell);

private:
    std::string fetchPublished(std::string_view text, const Tell& tell);
    void requireEnabled(const std::string& variable, std::string_view what, NamedBy by) const;

    std::string folder_;
    StringMap environment_;
    FetchPublished published_;
    std::map<std::string, std::string, std::less<>> known_;
};

/// The folder `name` in `folder`. If it is not there, `fill` makes its content aside, and it appears when that is whole.
std::string makeWhole(const std::string& folder, const std::string& name, const std::function<void(const std::string&)>& fill);

}  // namespace devc::compose
