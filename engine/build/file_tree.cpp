#include "engine/build/file_tree.h"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "engine/build/instruction.h"
#include "engine/digest.h"
#include "engine/error.h"
#include "engine/linux/plain_file.h"

namespace devc::engine::build {

namespace {

const char* orDot(const std::string& path) { return path.empty() ? "." : path.c_str(); }

std::string join(const std::string& folder, std::string_view name) {
    return folder.empty() ? std::string(name) : folder + "/" + std::string(name);
}

std::string readLinkAt(int root, const std::string& path) {
    std::string target(4096, '\0');
    const ssize_t length = readlinkat(root, path.c_str(), target.data(), target.size());
    if (length < 0) throw SystemError("read the link " + path, errno);
    target.resize(static_cast<std::size_t>(length));
    return target;
}

std::vector<std::string> namesIn(int folder, const std::string& path) {
    DIR* stream = fdopendir(openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (stream == nullptr) throw SystemError("read the folder " + path, errno);
    std::vector<std::string> found;
    while (const dirent* entry = readdir(stream)) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") found.emplace_back(name);
    }
    closedir(stream);
    std::sort(found.begin(), found.end());
    return found;
}

std::vector<std::string> components(std::string_view path) {
    std::vector<std::string> parts;
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('/'), path.size());
        if (end > 0 && path.substr(0, end) != ".") parts.emplace_back(path.substr(0, end));
        path.remove_prefix(std::min(path.size(), end + 1));
    }
    return parts;
}

}  // namespace

Resolved resolveIn(int root, std::string_view path, bool followLast) {
    Resolved result;
    std::vector<std::string> todo = components(path);
    std::reverse(todo.begin(), todo.end());
    result.exists = fstat(root, &result.info) == 0;
    for (int links = 0; !todo.empty();) {
        const std::string part = std::move(todo.back());
        todo.pop_back();
        if (part == "..") {
            const std::size_t slash = result.path.rfind('/');
            result.path.resize(slash == std::string::npos ? 0 : slash);
            result.exists = fstatat(root, orDot(result.path), &result.info, AT_SYMLINK_NOFOLLOW) == 0;
            continue;
        }
        const std::string next = join(result.path, part);
        struct stat info {};
        const bool exists = fstatat(root, next.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
        if (!exists && errno != ENOENT && errno != ENOTDIR) throw SystemError("look at " + next, errno);
        if (exists && S_ISLNK(info.st_mode) && (followLast || !todo.empty())) {
            if (++links > 255) throw Error::of("{}: too many symbolic links", path);
            const std::string target = readLinkAt(root, next);
            if (target.starts_with('/')) {
                result.path.clear();
                result.exists = fstat(root, &result.info) == 0;
            }
            std::vector<std::string> more = components(target);
            todo.insert(todo.end(), more.rbegin(), more.rend());
            continue;
        }
        result.path = next;
        result.exists = exists;
        result.info = info;
    }
    return result;
}

FileTree::FileTree(Fd root, PatternList ignored, std::shared_ptr<DigestIndex> index)
    : root_(std::move(root)), ignored_(std::move(ignored)), index_(std::move(index)), context_(true) {}

FileTree::FileTree(Fd root) : root_(std::move(root)) {}

Fd FileTree::openFolder(const std::string& folder) const {
    Fd opened = tryOpenWithoutLinks(root_.get(), folder, O_RDONLY | O_DIRECTORY);
    if (!opened) throw SystemError("read the folder " + folder, errno);
    return opened;
}

bool FileTree::hides(const std::string& path, bool isFolder) const {
    if (ignored_.empty() || path.empty() || !ignored_.matches(path)) return false;
    if (!isFolder || !ignored_.mayExceptBelow(path)) return true;
    // The folder itself is ignored, but there as far as an exception needs it.
    const Fd folder = openFolder(path);
    for (const std::string& name : namesIn(folder.get(), path)) {
        struct stat info {};
        if (fstatat(folder.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && !hides(join(path, name), S_ISDIR(info.st_mode))) return false;
    }
    return true;
}

std::optional<Node> FileTree::find(std::string_view path, bool follow) const {
    Resolved resolved = resolveIn(root_.get(), path, follow);
    if (!resolved.exists || hides(resolved.path, S_ISDIR(resolved.info.st_mode))) return std::nullopt;
    Node node{std::move(resolved.path), resolved.info};
    if (context_) node.info.st_uid = node.info.st_gid = 0;
    return node;
}

bool FileTree::isHidden(std::string_view path) const {
    const Resolved resolved = resolveIn(root_.get(), path, true);
    return resolved.exists && hides(resolved.path, S_ISDIR(resolved.info.st_mode));
}

std::vector<Node> FileTree::children(const Node& folder) const {
    std::vector<Node> nodes;
    const Fd opened = openFolder(folder.path);
    for (const std::string& name : namesIn(opened.get(), folder.path)) {
        Node node{join(folder.path, name), {}};
        if (fstatat(opened.get(), name.c_str(), &node.info, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno == ENOENT) continue;
            throw SystemError("look at " + node.path, errno);
        }
        if (hides(node.path, node.isFolder())) continue;
        if (context_ && S_ISSOCK(node.info.st_mode)) continue;  // nothing a context carries
        if (context_) node.info.st_uid = node.info.st_gid = 0;
        nodes.push_back(std::move(node));
    }
    return nodes;
}

Fd FileTree::openFile(const Node& file) const {
    const Fd found = tryOpenWithoutLinks(root_.get(), file.path, O_PATH);
    Fd opened = found ? tryReopenFile(found.get()) : Fd();
    if (!opened) throw SystemError("read " + file.path, errno);
    return opened;
}

std::string FileTree::contentDigest(const Node& file) const {
    if (index_)
        if (std::string known = index_->find(file.path, file.info); !known.empty()) return known;
    const Fd fd = openFile(file);
    Sha256 digest;
    std::string buffer(1 << 17, '\0');
    while (true) {
        const ssize_t count = readSome(fd.get(), buffer.data(), buffer.size());
        if (count < 0) throw SystemError("read " + file.path, errno);
        if (count == 0) break;
        digest.update(std::string_view(buffer.data(), static_cast<std::size_t>(count)));
    }
    std::string result = digest.finish();
    if (index_) index_->put(file.path, file.info, result);
    return result;
}

std::string FileTree::linkTarget(const Node& link) const {
    const Fd found = tryOpenWithoutLinks(root_.get(), link.path, O_PATH);
    if (!found) throw SystemError("read the link " + link.path, errno);
    return readLinkAt(found.get(), "");
}

std::vector<std::string> FileTree::similar(std::string_view path) const {
    const std::size_t slash = path.rfind('/');
    const auto folder = find(slash == std::string_view::npos ? "" : path.substr(0, slash), true);
    if (!folder || !folder->isFolder()) return {};
    std::vector<std::string> all;
    for (const Node& node : children(*folder)) all.push_back(node.path.substr(node.path.rfind('/') + 1));
    const std::string best = nearest(slash == std::string_view::npos ? path : path.substr(slash + 1), all);
    if (best.empty()) return {};
    return {folder->path.empty() ? best : folder->path + "/" + best};
}

}  // namespace devc::engine::build
