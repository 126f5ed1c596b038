#include "engine/build/place.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <linux/fs.h>

#include "engine/error.h"
#include "engine/linux/plain_file.h"

namespace devc::engine::build {

namespace {

const char* orDot(const std::string& path) { return path.empty() ? "." : path.c_str(); }

std::string folderOf(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

[[noreturn]] void fail(const char* what, const std::string& path) { throw SystemError(std::string(what) + " /" + path, errno); }

void copyBytes(int from, int to, const std::string& path) {
    if (ioctl(to, FICLONE, from) == 0) return;
    bool kernel = true;
    std::string buffer;
    while (true) {
        ssize_t count = -1;
        if (kernel) {
            count = copy_file_range(from, nullptr, to, nullptr, 1U << 30, 0);
            if (count < 0 && (errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP)) {
                kernel = false;
                buffer.resize(1 << 17);
                continue;
            }
        } else {
            count = read(from, buffer.data(), buffer.size());
            if (count > 0) writeAll(to, std::string_view(buffer.data(), static_cast<std::size_t>(count)));
        }
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail("copy", path);
        if (count == 0) return;
    }
}

}  // namespace

std::string Placer::makeFolders(std::string_view path) {
    std::string made;
    std::string_view rest = path;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('/'), rest.size());
        const std::string_view part = rest.substr(0, end);
        rest.remove_prefix(std::min(rest.size(), end + 1));
        if (part.empty() || part == ".") continue;
        const Resolved next = resolveIn(root_, made + "/" + std::string(part), true);
        if (!next.exists) {
            // A dangling link leads somewhere: its target is what is made, with its own parents.
            if (next.path != (made.empty() ? std::string(part) : made + "/" + std::string(part)) && !folderOf(next.path).empty())
                makeFolders(folderOf(next.path));
            if (mkdirat(root_, next.path.c_str(), 0755) != 0 && errno != EEXIST) fail("make the folder", next.path);
            const Owner owner = owner_.value_or(Owner{});
            if (fchownat(root_, next.path.c_str(), owner.user, owner.group, AT_SYMLINK_NOFOLLOW) != 0) fail("change the owner of", next.path);
            if (fchmodat(root_, next.path.c_str(), mode_ ? mode_->absolute().value_or(0755) & 0777 : 0755, 0) != 0) fail("change the mode of", next.path);
        } else if (!S_ISDIR(next.info.st_mode)) {
            throw Error::of("/{} is not a folder", next.path);
        }
        made = next.path;
    }
    return made;
}

std::string Placer::target(const Selected& selected, bool isFolder, std::string_view destination) {
    const bool intoFolder = destination.ends_with('/') || destination.ends_with("/.");
    makeFolders(intoFolder ? destination : destination.substr(0, destination.rfind('/') + 1));
    const Resolved existing = resolveIn(root_, destination, true);
    std::string path = existing.path;
    if (!isFolder && existing.exists && S_ISDIR(existing.info.st_mode)) path = path.empty() ? selected.name : path + "/" + selected.name;
    if (isFolder && !existing.exists) makeFolders("/" + path);
    else if (!folderOf(path).empty()) makeFolders("/" + folderOf(path));
    return path;
}

void Placer::copy(const FileTree& tree, const Selected& selected, std::string_view destination) {
    const std::string path = target(selected, selected.node.isFolder(), destination);
    if (!selected.node.isFolder()) {
        copyNode(tree, selected.node, path);
        return;
    }
    copyFolder(tree, selected.node, path, false);
    std::vector<std::pair<const Node*, std::string>> folders;
    for (const Selected::Entry& entry : selected.entries) {
        const std::string to = path.empty() ? entry.below : path + "/" + entry.below;
        if (entry.node.isFolder()) {
            copyFolder(tree, entry.node, to, !entry.parentOnly);
            folders.emplace_back(&entry.node, to);
        } else copyNode(tree, entry.node, to);
    }
    for (auto folder = folders.rbegin(); folder != folders.rend(); ++folder) {
        const timespec times[2] = {folder->first->info.st_atim, folder->first->info.st_mtim};
        utimensat(root_, folder->second.c_str(), times, AT_SYMLINK_NOFOLLOW);
    }
}

void Placer::clear(const std::string& path) {
    struct stat info {};
    if (fstatat(root_, orDot(path), &info, AT_SYMLINK_NOFOLLOW) != 0) return;
    if (S_ISDIR(info.st_mode)) throw Error::of("cannot replace the folder /{} with a file", path);
    if (unlinkat(root_, path.c_str(), 0) != 0) fail("replace", path);
}

void Placer::copyFolder(const FileTree& tree, const Node& node, const std::string& path, bool replaceMetadata) {
    struct stat info {};
    if (fstatat(root_, orDot(path), &info, AT_SYMLINK_NOFOLLOW) == 0) {
        if (!S_ISDIR(info.st_mode)) throw Error::of("cannot copy a folder onto /{}, which is none", path);
        if (replaceMetadata) describe(tree, node, path);
        return;
    }
    if (mkdirat(root_, path.c_str(), 0755) != 0) fail("make the folder", path);
    describe(tree, node, path);
}

void Placer::copyFile(const FileTree& tree, const Node& node, const std::string& path) {
    const Fd from = tree.openFile(node);
    const Fd to(openat(root_, path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!to) fail("write", path);
    copyBytes(from.get(), to.get(), path);
}

void Placer::copyNode(const FileTree& tree, const Node& node, const std::string& path) {
    clear(path);
    if (node.isFile() && node.info.st_nlink > 1) {
        const auto [first, isNew] = links_.try_emplace({node.info.st_dev, node.info.st_ino}, path);
        if (!isNew && linkat(root_, first->second.c_str(), root_, path.c_str(), 0) == 0) return;
    }
    if (node.isFile()) copyFile(tree, node, path);
    else if (node.isLink()) {
        if (symlinkat(tree.linkTarget(node).c_str(), root_, path.c_str()) != 0) fail("make the link", path);
    } else if (mknodat(root_, path.c_str(), node.info.st_mode & (S_IFMT | 0600), node.info.st_rdev) != 0) fail("make the special file", path);
    describe(tree, node, path);
}

void Placer::describe(const FileTree& tree, const Node& node, const std::string& path) {
    const Owner owner = owner_.value_or(Owner{node.info.st_uid, node.info.st_gid});
    if (fchownat(root_, orDot(path), owner.user, owner.group, AT_SYMLINK_NOFOLLOW) != 0) fail("change the owner of", path);
    copyAttributes(tree, node, path);
    if (!node.isLink()) {
        const mode_t mode = mode_ ? mode_->apply(node.info.st_mode) : node.info.st_mode & 07777;
        if (fchmodat(root_, orDot(path), mode, 0) != 0) fail("change the mode of", path);
    }
    const timespec times[2] = {node.info.st_atim, node.info.st_mtim};
    utimensat(root_, orDot(path), times, AT_SYMLINK_NOFOLLOW);
}

void Placer::copyAttributes(const FileTree& tree, const Node& node, const std::string& path) {
    if (tree.isContext() || !(node.isFile() || node.isFolder())) return;
    const Fd from = tryOpenWithoutLinks(tree.root(), node.path, O_RDONLY | O_NONBLOCK);  // of a stage, which nobody changes
    if (!from) return;
    char names[4096];
    const ssize_t length = flistxattr(from.get(), names, sizeof names);
    if (length <= 0) return;
    const Fd to(openat(root_, orDot(path), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    for (const char* name = names; to && name < names + length; name += std::char_traits<char>::length(name) + 1) {
        if (std::string_view(name).starts_with("trusted.")) continue;
        char value[65536];
        const ssize_t size = fgetxattr(from.get(), name, value, sizeof value);
        if (size >= 0) fsetxattr(to.get(), name, value, static_cast<std::size_t>(size), 0);  // unsupported ones are no loss
    }
}

void Placer::write(std::string_view name, std::string_view content, std::string_view destination) {
    Selected selected{std::string(name), {}, {}};
    const std::string path = target(selected, false, destination);
    clear(path);
    const Fd file(openat(root_, path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file) fail("write", path);
    writeAll(file.get(), content);
    const Owner owner = owner_.value_or(Owner{});
    if (fchown(file.get(), owner.user, owner.group) != 0) fail("change the owner of", path);
    if (fchmod(file.get(), mode_ ? mode_->apply(S_IFREG | 0644) : 0644) != 0) fail("change the mode of", path);
}

}  // namespace devc::engine::build
