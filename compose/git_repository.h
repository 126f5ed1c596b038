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

/// Nothing for what is no git repository. Throws std::runtime_error for a reference that git would take as an option.
std::optional<GitReference> parseGitReference(std::string_view text);

using Tell = std::function<void(const std::string&)>;

/// The local path of the file, below `folder` in a folder of its commit. The reference is asked for each time and told
/// ("REPOSITORY is at commit ..."); a commit that was fetched before is not fetched again. `environment`: for git.
/// Throws std::runtime_error with what git says, and for a path that is not in the repository.
std::string fetchFromGit(const GitReference& wanted, const std::string& folder, const StringMap& environment, const Tell& tell);

}  // namespace devc::compose
