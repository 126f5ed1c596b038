#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "compose/model/mapping.h"

namespace devc::compose {

/// A compose file in a git repository: `https://host/x.git#REF:PATH`, `git@host:x.git#REF:PATH`, ssh://, git://, file://.
struct GitReference {
    std::string repository;
    std::string reference;  // branch, tag or commit; HEAD by default
    std::string path;       // of a file, or of a folder with a compose.yaml; relative to the repository
};

/// Whether a text names something that is not in the file system: a URL, git@..., oci:...
bool isRemote(std::string_view text);

/// Nothing for what is no git repository. Throws std::runtime_error for a reference that git would take as an option.
std::optional<GitReference> parseGitReference(std::string_view text);

/// Where remote files come to, and who may fetch them.
struct RemoteFiles {
    std::string folder;                                   // holds a folder a commit; made when something is fetched
    StringMap environment;                                // COMPOSE_EXPERIMENTAL_GIT_REMOTE=true allows git; for git itself
    std::function<void(const std::string&)> tell;         // gets "REPOSITORY is at commit ..."

    /// The local path of the compose file that `text` names. The reference is asked for each time; a commit that was
    /// fetched before is not fetched again. Throws std::runtime_error: not enabled, not a git repository, what git says.
    std::string fetch(std::string_view text) const;
};

}  // namespace devc::compose
