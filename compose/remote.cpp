#include "compose/remote.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>

namespace devc::compose {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view ociScheme = "oci://";

void write(const fs::path& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary);
    file << text;
    file.close();
    if (!file) throw std::system_error(errno, std::generic_category(), path.string());
}

}  // namespace

bool isRemote(std::string_view text) {
    return text.find("://") != std::string_view::npos || text.starts_with("git@") || text.starts_with("oci:");
}

std::string makeWhole(const std::string& folder, const std::string& name, const std::function<void(const std::string&)>& fill) {
    fs::path place = fs::path(folder) / name;
    if (fs::exists(place)) return place;
    fs::create_directories(folder);
    fs::permissions(folder, fs::perms::owner_all);
    std::string aside = (fs::path(folder) / "new-XXXXXX").string();
    if (!::mkdtemp(aside.data())) throw std::system_error(errno, std::generic_category(), aside);
    try {
        fill(aside);
        std::error_code taken;
        fs::rename(aside, place, taken);  // another command may have been faster
        if (!fs::exists(place)) throw std::system_error(taken, place.string());
    } catch (...) {
        fs::remove_all(aside);
        throw;
    }
    fs::remove_all(aside);
    return place;
}

void RemoteFiles::requireEnabled(const std::string& variable, std::string_view what, NamedBy by) const {
    auto found = environment_.find(variable);
    std::string_view value = found == environment_.end() ? std::string_view() : std::string_view(found->second);
    bool off = value == "0" || value == "false";
    if (off) throw std::runtime_error(fmt::format("compose files from {} are disabled by {}", what, variable));
    if (by == NamedBy::User || value == "1" || value == "true") return;
    throw std::runtime_error(fmt::format("compose files from {} are not enabled: set {}=true if you trust this one", what, variable));
}

std::string RemoteFiles::fetchPublished(std::string_view text, const Tell& tell) {
    std::string reference(text.starts_with(ociScheme) ? text.substr(ociScheme.size()) : text.substr(text.find(':') + 1));
    PublishedProject project = published_(reference);
    tell(fmt::format("{} is at {}", reference, project.digest));
    std::map<std::string, std::string> files = unpackPublished(project);
    std::string digits = project.digest.substr(project.digest.find(':') + 1);
    std::string place = makeWhole(folder_, digits, [&](const std::string& aside) {
        for (const auto& [name, content] : files) write(fs::path(aside) / name, content);
    });
    return (fs::path(place) / publishedComposeFile).string();
}

std::string RemoteFiles::fetch(std::string_view text, NamedBy by, const Tell& tell) {
    if (auto known = known_.find(text); known != known_.end()) return known->second;
    std::string path;
    if (std::optional<GitReference> repository = parseGitReference(text)) {
        requireEnabled("COMPOSE_EXPERIMENTAL_GIT_REMOTE", "git repositories", by);
        path = fetchFromGit(*repository, folder_, environment_, tell);
    } else {
        requireEnabled("COMPOSE_EXPERIMENTAL_OCI_REMOTE", "registries", by);
        path = fetchPublished(text, tell);
    }
    known_.emplace(text, path);
    return path;
}

}  // namespace devc::compose
