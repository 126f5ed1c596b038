#include "compose/environment.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <set>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compose/paths.h"
#include "compose/remote.h"
#include "compose/source/dotenv.h"

namespace devc::compose {
namespace {

constexpr std::array<std::string_view, 4> fileNames = {"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"};
constexpr std::array<std::string_view, 4> overrideNames = {"compose.override.yml", "compose.override.yaml",
                                                           "docker-compose.override.yml", "docker-compose.override.yaml"};

StringList splitList(std::string_view text, std::string_view separator) {
    StringList parts;
    while (!text.empty()) {
        std::size_t end = text.find(separator);
        std::string_view part = text.substr(0, end);
        if (!part.empty()) parts.emplace_back(part);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + separator.size());
    }
    return parts;
}

StringList trimmed(StringList texts) {
    for (std::string& text : texts) {
        text.erase(0, std::min(text.size(), text.find_first_not_of(" \t")));
        text.erase(text.find_last_not_of(" \t") + 1);
    }
    return texts;
}

std::string valueOf(const StringMap& environment, const std::string& name) {
    auto found = environment.find(name);
    return found == environment.end() ? std::string() : found->second;
}

void warn(const LoadRequest& request, const std::string& text) {
    if (request.warn) request.warn(text);
}

StringList existing(const std::string& folder, const std::array<std::string_view, 4>& names) {
    StringList found;
    for (std::string_view name : names) {
        std::string path = joinPath(folder, name);
        if (isRegularFile(path)) found.push_back(path);
    }
    return found;
}

void warnOfMany(const LoadRequest& request, const StringList& found, std::string_view kind) {
    if (found.size() < 2) return;
    std::string listed;
    for (const std::string& path : found) listed += (listed.empty() ? "" : ", ") + path;
    warn(request, fmt::format("Found multiple {} files with supported names: {}", kind, listed));
    warn(request, fmt::format("Using {}", found.front()));
}

/// compose.yaml and its override in `folder` or the nearest folder above that has one.
StringList findFiles(const LoadRequest& request, std::string folder) {
    while (true) {
        StringList candidates = existing(folder, fileNames);
        if (!candidates.empty()) {
            warnOfMany(request, candidates, "config");
            StringList files = {candidates.front()};
            StringList overrides = existing(folder, overrideNames);
            warnOfMany(request, overrides, "override");
            if (!overrides.empty()) files.push_back(overrides.front());
            return files;
        }
        if (folder == "/" || folder.empty()) return {};
        folder = folderOf(folder);
    }
}

std::string folderOfFiles(const LoadRequest& request, const StringList& files) {
    if (!request.projectDirectory.empty()) return joinPath(request.currentDir, request.projectDirectory);
    for (const std::string& file : files) {
        if (file != "-" && !isRemote(file)) return folderOf(joinPath(request.currentDir, file));
    }
    return request.currentDir;
}

bool isOn(std::string_view text) { return text == "1" || text == "true" || text == "TRUE" || text == "True" || text == "t"; }

/// What the .env files say, under the process's environment.
StringMap readDefaults(const LoadRequest& request, const StringMap& environment, const std::string& folder, Sources& sources, const Unset& unset) {
    StringList files = request.envFiles;
    if (files.empty()) files = splitList(valueOf(environment, "COMPOSE_ENV_FILES"), ",");
    if (files.empty()) {
        std::string implicit = joinPath(folder, ".env");
        if (isOn(valueOf(environment, "COMPOSE_DISABLE_ENV_FILE")) || !isRegularFile(implicit)) return {};
        files.push_back(implicit);
    }
    for (std::string& file : files) {
        file = joinPath(request.currentDir, file);
        struct stat info {};
        if (::stat(file.c_str(), &info) != 0) throw LoadError(fmt::format("couldn't find env file: {}", file));
        if (S_ISDIR(info.st_mode)) throw LoadError(fmt::format("couldn't read env file: {} is a directory", file));
    }
    return readEnvFiles(files, environment, sources, unset);
}

std::string fetch(const LoadRequest& request, const std::string& file, NamedBy by) {
    try {
        if (!request.remote) throw std::runtime_error("only local files are read here");
        return request.remote->fetch(file, by, [&](const std::string& text) { warn(request, text); });
    } catch (const std::exception& error) {
        throw LoadError(fmt::format("remote resource {}: {}", file, error.what()), "or fetch it yourself and name the local file");
    }
}

void addMissing(StringMap& environment, const StringMap& defaults) { environment.insert(defaults.begin(), defaults.end()); }

void requireName(const std::string& name) {
    if (!name.empty() && normalizeProjectName(name) != name) {
        throw LoadError(fmt::format("invalid project name \"{}\": must consist only of lowercase alphanumeric characters, "
                                    "hyphens, and underscores as well as start with a letter or number", name));
    }
}

std::string readDescriptor(int descriptor, const std::string& name) {
    std::string text;
    std::array<char, 65536> buffer{};
    while (text.size() <= Budget::largestFile) {
        ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throw LoadError(fmt::format("read {}: {}", name, std::strerror(errno)));
        if (count == 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    throw LoadError(fmt::format("{} is larger than {} MiB", name, Budget::largestFile >> 20U));
}

/// /dev/zero has no end, and a terminal waits for somebody to type; pipes (<(command), a password manager's) are fine.
void refuseDevice(int descriptor, const std::string& path) {
    struct stat info {};
    bool device = ::fstat(descriptor, &info) == 0 && (S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode));
    if (device && path != "/dev/null") throw LoadError(fmt::format("{} is a device, not a file", path));
}

std::string readFile(const std::string& path) {
    int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0) throw LoadError(fmt::format("open {}: {}", path, errno == ENOENT ? "no such file or directory" : std::strerror(errno)));
    try {
        refuseDevice(descriptor, path);
        std::string text = readDescriptor(descriptor, path);
        ::close(descriptor);
        return text;
    } catch (...) {
        ::close(descriptor);
        throw;
    }
}

}  // namespace

bool isFolder(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

bool isRegularFile(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 && !S_ISDIR(info.st_mode);
}

const Source& readSource(const std::string& path, Sources& sources) {
    return sources.add(path, path == "-" ? readDescriptor(STDIN_FILENO, "standard input") : readFile(path));
}

StringMap readEnvFiles(const StringList& files, const StringMap& outer, Sources& sources, const Unset& unset) {
    StringMap all;
    for (const std::string& file : files) {
        if (file == "/dev/null") continue;
        const Source& source = readSource(file, sources);
        StringMap values = parseDotenv(source, [&](std::string_view name) -> std::optional<std::string> {
            std::string key(name);
            for (const StringMap* map : {&outer, &std::as_const(all)}) {
                auto found = map->find(key);
                if (found != map->end()) return found->second;
            }
            return std::nullopt;
        }, unset);
        for (auto& [key, value] : values) all[key] = std::move(value);
    }
    return all;
}

Surroundings lookAround(const LoadRequest& request, Sources& sources) {
    Surroundings around;
    around.environment = request.environment;
    if (!around.environment.contains("PWD")) around.environment["PWD"] = request.currentDir;
    std::set<std::string> seen;
    Unset unset = [&](std::string_view name) {
        if (seen.emplace(name).second) warn(request, unsetText(name));
    };
    addMissing(around.environment, readDefaults(request, around.environment, folderOfFiles(request, request.files), sources, unset));

    StringList files = request.files;
    if (files.empty()) {
        std::string separator = valueOf(around.environment, "COMPOSE_PATH_SEPARATOR");
        files = splitList(valueOf(around.environment, "COMPOSE_FILE"), separator.empty() ? ":" : separator);
    }
    if (files.empty()) files = findFiles(request, folderOfFiles(request, {}));
    // A .env file came with the project, as its compose files did.
    const NamedBy by = !request.files.empty() || request.environment.contains("COMPOSE_FILE") ? NamedBy::User : NamedBy::File;
    for (std::string& file : files) {
        if (isRemote(file)) file = fetch(request, file, by);
        else if (file != "-") file = joinPath(request.currentDir, file);
    }
    around.files = files;
    around.workingDir = folderOfFiles(request, files);
    addMissing(around.environment, readDefaults(request, around.environment, around.workingDir, sources, unset));

    around.profiles = request.profiles;
    if (around.profiles.empty()) around.profiles = trimmed(splitList(valueOf(around.environment, "COMPOSE_PROFILES"), ","));
    around.projectName = request.projectName.empty() ? valueOf(around.environment, "COMPOSE_PROJECT_NAME") : request.projectName;
    requireName(around.projectName);
    return around;
}

}  // namespace devc::compose
