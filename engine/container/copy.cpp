#include "engine/container/copy.h"

#include <cerrno>
#include <exception>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/image/transfer_process.h"
#include "engine/linux/mount.h"

namespace devc::engine {

namespace {

using nlohmann::json;

/// One side of a copy: paths are resolved below `root`. The side outside is the caller's own root and working folder.
struct Side {
    int root;  ///< AT_FDCWD: outside
    bool inside() const { return root != AT_FDCWD; }

    /// O_PATH; an empty Fd where there is nothing.
    Fd find(const std::string& path, bool follow) const {
        const int flags = O_PATH | (follow ? 0 : O_NOFOLLOW);
        if (inside()) return tryOpenInRoot(root, path, flags);
        Fd found(::open(path.c_str(), flags | O_CLOEXEC));
        if (!found && errno != ENOENT && errno != ENOTDIR) throw SystemError("open " + path, errno);
        return found;
    }
};

bool endsLikeFolder(const std::string& path) { return path.ends_with('/') || path == "." || path.ends_with("/."); }

mode_t modeOf(const Fd& object) {
    struct stat status {};
    if (::fstatat(object.get(), "", &status, AT_EMPTY_PATH) != 0) throw SystemError("stat", errno);
    return status.st_mode;
}

std::string withoutSlashes(std::string path) {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path;
}

std::string lastName(const std::string& given) {
    const std::string path = withoutSlashes(given);
    const std::string name = path.substr(path.rfind('/') + 1);
    return name == "." || name == ".." ? "" : name;
}

std::string parentOf(const std::string& given) {
    const std::string path = withoutSlashes(given);
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

struct Source {
    Fd object;
    std::string name;  ///< its last name
    bool isFolder = false, contentOnly = false;
};

Source openSource(const Side& side, const std::string& path, const CopyOptions& options) {
    Source source;
    source.object = side.find(path, options.follow || endsLikeFolder(path));
    if (!source.object) {
        if (side.inside()) throw NotFound(fmt::format("Could not find the file {} in the container", path));
        throw NotFound(fmt::format("lstat {}: no such file or directory", path));
    }
    source.isFolder = S_ISDIR(modeOf(source.object));
    if (!source.isFolder && endsLikeFolder(path)) throw Error::of("{} is not a directory", path);
    source.name = lastName(path);
    source.contentOnly = source.isFolder && (path == "." || path.ends_with("/."));
    // The root has no name: its content is meant.
    if (source.name.empty()) source.contentOnly = true;
    return source;
}

/// The folder of that path, made if need be.
Fd makeFolder(const Side& side, const std::string& path) {
    if (Fd there = side.find(path, true); there || path == "/") return there;
    const Fd parent = makeFolder(side, parentOf(path));
    if (::mkdirat(parent.get(), lastName(path).c_str(), 0755) != 0 && errno != EEXIST) throw SystemError("make the folder " + path, errno);
    return side.find(path, true);
}

/// Where a source goes: a folder that is there, and the name in it (empty: its content into the folder).
struct Target {
    Fd folder;
    std::string name;
};

Target openTarget(const Side& side, const std::string& path, const Source& source) {
    Fd there = side.find(path, true);
    if (there && S_ISDIR(modeOf(there))) return {std::move(there), source.contentOnly ? "" : source.name};
    if (there && source.isFolder) throw Error::of("cannot copy directory: {} is a file", path);
    if (there && endsLikeFolder(path)) throw Error::of("{} is not a directory", path);
    if (!there && !source.isFolder && endsLikeFolder(path)) throw NotFound(fmt::format("no such directory: {}", path));
    Fd folder = side.find(parentOf(path), true);
    if (!folder || !S_ISDIR(modeOf(folder))) throw NotFound(fmt::format("no such directory: {}", parentOf(path)));
    if (there) {
        // A link is followed to the file that is replaced: its real place is asked of the kernel.
        struct stat link {};
        const std::string name = lastName(path);
        if (::fstatat(folder.get(), name.c_str(), &link, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(link.st_mode)) {
            char target[4096];
            const ssize_t length = ::readlinkat(folder.get(), name.c_str(), target, sizeof target - 1);
            if (length < 0) throw SystemError("read the link " + path, errno);
            const std::string to(target, static_cast<std::size_t>(length));
            return openTarget(side, to.starts_with('/') ? to : parentOf(path) + "/" + to, source);
        }
    }
    return {std::move(folder), lastName(path)};
}

/// What the files are outside or inside where they arrive.
json extraction(bool inside, const CopyOptions& options) {
    json owner = nullptr;
    if (!options.keepOwner) owner = inside ? json::array({0, 0}) : json::array({::geteuid(), ::getegid()});
    // A container has no business to make devices, or programs that run as another user, outside.
    return {{"owner", owner}, {"devices", inside}, {"specialModes", inside || options.keepOwner}};
}

void copy(const Host& host, const Source& source, const Target& target, const json& how) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw SystemError("pipe", errno);
    Fd reading(ends[0]), writing(ends[1]);
    std::exception_ptr packing, extracting;
    std::jthread packer([&] {
        try {
            transfer(host, "pack", {{"as", target.name}}, {.input = source.object.get(), .output = writing.get()});
        } catch (...) {
            packing = std::current_exception();
        }
        writing.reset();
    });
    try {
        transfer(host, "extract", how, {.input = reading.get(), .output = target.folder.get()});
    } catch (...) {
        extracting = std::current_exception();
    }
    reading.reset();
    packer.join();
    // Who failed first made the other fail: an archive that ends early, or a reader that has gone.
    if (extracting && packing) {
        try {
            std::rethrow_exception(packing);
        } catch (const Error& error) {
            const bool readerGone = std::string_view(error.what()).find("roken pipe") != std::string_view::npos || std::string_view(error.what()).find("was ended") != std::string_view::npos;
            std::rethrow_exception(readerGone ? extracting : packing);
        }
    }
    if (extracting) std::rethrow_exception(extracting);
    if (packing) std::rethrow_exception(packing);
}

void copyBetween(const Host& host, const Side& from, const std::string& source, const Side& to, const std::string& destination, const CopyOptions& options) {
    const Source what = openSource(from, source, options);
    if (options.makeFolders && to.inside()) makeFolder(to, parentOf(destination));
    const Target where = openTarget(to, destination, what);
    copy(host, what, where, extraction(to.inside(), options));
}

/// Paths in a container are absolute, whatever they begin with.
std::string absolute(const std::string& path) { return path.starts_with('/') ? path : "/" + path; }

}  // namespace

void copyOut(const Host& host, const ContainerRoot& root, const std::string& source, const std::string& destination, const CopyOptions& options) {
    copyBetween(host, {root.folder()}, absolute(source), {AT_FDCWD}, destination, options);
}

void copyIn(const Host& host, const ContainerRoot& root, const std::string& source, const std::string& destination, const CopyOptions& options) {
    copyBetween(host, {AT_FDCWD}, source, {root.folder()}, absolute(destination), options);
}

void copyOutAsTar(const Host& host, const ContainerRoot& root, const std::string& source, int tar, const CopyOptions& options) {
    const Source what = openSource({root.folder()}, absolute(source), options);
    transfer(host, "pack", {{"as", what.contentOnly ? "" : what.name}}, {.input = what.object.get(), .output = tar});
}

void copyInFromTar(const Host& host, const ContainerRoot& root, int tar, const std::string& destination, const CopyOptions&) {
    const Side inside{root.folder()};
    const Fd folder = inside.find(absolute(destination), true);
    if (!folder) throw NotFound(fmt::format("Could not find the file {} in the container", destination));
    if (!S_ISDIR(modeOf(folder))) throw Error::of("destination \"{}\" must be a directory", destination);
    // A tar says whose its files are.
    transfer(host, "extract", {{"owner", nullptr}, {"devices", true}, {"specialModes", true}}, {.input = tar, .output = folder.get()});
}

void exportTree(const Host& host, const ContainerRoot& bare, int tar) {
    transfer(host, "pack", {{"as", ""}}, {.input = bare.folder(), .output = tar});
}

}  // namespace devc::engine
