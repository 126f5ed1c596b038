#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace devc::engine::build {

/// "https://host/repo.git#branch:folder" and its other spellings.
struct GitSource {
    std::string url, reference, folder;
    /// Empty if the text names no repository.
    static std::optional<GitSource> parse(std::string_view text);
};

/// The commit that the reference (empty: HEAD) means now. Throws Error.
std::string resolveCommit(const GitSource& source);
/// Checks the reference out into `folder`, which is made; submodules too. `.git` stays only with `keepGit`.
void checkOut(const GitSource& source, const std::filesystem::path& folder, bool keepGit);

}  // namespace devc::engine::build
