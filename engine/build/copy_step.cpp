#include "engine/build/copy_step.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/build/archive.h"
#include "engine/build/download.h"
#include "engine/build/place.h"
#include "engine/build/step_folder.h"
#include "engine/digest.h"
#include "engine/error.h"
#include "engine/linux/mount.h"

namespace devc::engine::build {

namespace {

SelectOptions optionsOf(const CopyStep& step) { return {step.parents, step.excludes, true}; }

std::string identity(const CopyStep& step) {
    std::string text = step.parents ? "parents\n" : "\n";
    for (const std::string& source : step.sources) text += source + '\0';
    text += '\n';
    for (const std::string& pattern : step.excludes) text += pattern + '\0';
    return sha256Hex(text);
}

/// The root of the new layer as seen above the others. Its folder takes over the owner and mode of theirs.
Fd openRoot(const Host& host, const Snapshot& below, const StepFolder& folder, bool alone) {
    const std::vector<std::string> lowers = below.lowers(host);
    struct stat info {};
    if (!lowers.empty() && stat(lowers.front().c_str(), &info) == 0) {
        if (chown(folder.upper().c_str(), info.st_uid, info.st_gid) != 0) throw SystemError("prepare the layer", errno);
        chmod(folder.upper().c_str(), info.st_mode & 07777);
    }
    if (lowers.empty() || alone) return openFile(folder.upper().string(), O_RDONLY | O_DIRECTORY);
    return mountOverlay({lowers, folder.upper().string(), folder.work().string()});
}

/// False if it is no archive.
bool unpack(const Host& host, const FileTree& tree, const Selected& selected, int root, const CopyStep& step, std::optional<Owner> owner) {
    if (!selected.node.isFile()) return false;
    const Fd archive = tree.openFile(selected.node);
    if (!mayBeArchive(archive.get())) return false;
    const Resolved before = resolveIn(root, step.destination, true);
    if (before.exists && !S_ISDIR(before.info.st_mode)) return false;
    const std::string path = Placer(root, owner, std::nullopt).makeFolders(step.destination);  // --chmod is not for archives
    const Fd target(openat(root, path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!target) throw SystemError("open /" + path, errno);
    if (extractArchive(host, archive.get(), target.get(), owner)) return true;
    if (!before.exists && !step.destination.ends_with('/')) unlinkat(root, path.c_str(), AT_REMOVEDIR);
    return false;
}

}  // namespace

std::string copiedContent(Workshop& shop, const CopyStep& step, const Snapshot* from) {
    if (step.sources.empty()) return {};
    const std::string query = identity(step);
    if (from != nullptr)
        if (const auto known = shop.cache().findContent(from->chain(), query)) return *known;
    const FileTree& tree = shop.tree(step.from, from);
    std::string digest;
    for (const std::string& source : step.sources) digest += contentDigest(tree, select(tree, source, optionsOf(step), step.from.label()));
    digest = sha256Hex(digest);
    if (from != nullptr) shop.cache().putContent(from->chain(), query, digest);
    return digest;
}

void runCopy(Workshop& shop, const CopyStep& step, const Snapshot& below, const Snapshot* from, const StepFolder& folder) {
    const Fd root = openRoot(shop.host(), below, folder, step.link);
    std::optional<Owner> owner;
    if (!step.owner.empty()) owner = lookUpOwner(shop.files(below).root(), step.owner);
    std::optional<FileMode> mode;
    if (!step.mode.empty()) mode = FileMode::parse(step.mode);
    Placer placer(root.get(), owner, mode);
    if (!step.sources.empty()) {
        const FileTree& tree = shop.tree(step.from, from);
        for (const std::string& source : step.sources)
            for (const Selected& selected : select(tree, source, optionsOf(step), step.from.label())) {
                if (!step.unpack || !unpack(shop.host(), tree, selected, root.get(), step, owner))
                    placer.copy(tree, selected, step.destination);
            }
    }
    for (const InlineFile& file : step.documents) placer.write(file.name, file.content, step.destination);
    for (const std::string& url : step.remote) addRemote(shop, step, url, root.get(), placer, owner, folder);
}

void runFolder(Workshop& shop, const Operation& operation, const Snapshot& below, const StepFolder& folder) {
    const Fd root = openRoot(shop.host(), below, folder, false);
    std::optional<Owner> owner;
    if (!operation.user.empty()) owner = lookUpOwner(shop.files(below).root(), operation.user);
    Placer(root.get(), owner, std::nullopt).makeFolders(operation.folder);
}

}  // namespace devc::engine::build
