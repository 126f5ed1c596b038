#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/stat.h>

#include "engine/build/digest_index.h"
#include "engine/build/ignore.h"
#include "engine/linux/fd.h"

namespace devc::engine::build {

/// A path in a tree without symbolic links on the way: relative to the root, "" for the root itself.
struct Node {
    std::string path;
    struct stat info {};
    bool isFolder() const { return S_ISDIR(info.st_mode); }
    bool isFile() const { return S_ISREG(info.st_mode); }
    bool isLink() const { return S_ISLNK(info.st_mode); }
};

struct Resolved {
    std::string path;  ///< as in Node; where something is missing, what the rest would be called
    bool exists = false;
    struct stat info {};
};

/// Follows symbolic links as a process whose root is `root` would; nothing leads out of it. The last component is followed
/// only with `followLast`. Throws Error on too many links.
Resolved resolveIn(int root, std::string_view path, bool followLast);

/// Files that COPY and mounts read: a build context or the file system of a stage. Expected not to change while it is used;
/// where somebody (a container that has a context mounted) puts a link in the place of a folder or a device in that of a file,
/// reading fails, and nothing outside is read.
class FileTree {
public:
    /// A context: what `ignored` matches is not there; owners are 0:0; digests of files are remembered in `index`.
    FileTree(Fd root, PatternList ignored, std::shared_ptr<DigestIndex> index);
    /// The file system of a stage.
    explicit FileTree(Fd root);

    int root() const { return root_.get(); }
    bool isContext() const { return context_; }
    /// Links followed (the last one only if asked). Empty if it does not exist or is ignored.
    std::optional<Node> find(std::string_view path, bool follow) const;
    /// Exists, but the ignore file hides it?
    bool isHidden(std::string_view path) const;
    /// Names in a folder, in order.
    std::vector<Node> children(const Node& folder) const;
    /// To be read. Throws SystemError, also where the node is no file any more.
    Fd openFile(const Node& file) const;
    /// SHA-256 of a file's bytes.
    std::string contentDigest(const Node& file) const;
    std::string linkTarget(const Node& link) const;
    /// The tree's node of each name that resembles `path`, for messages.
    std::vector<std::string> similar(std::string_view path) const;

private:
    bool hides(const std::string& path, bool folder) const;
    Fd openFolder(const std::string& folder) const;

    Fd root_;
    PatternList ignored_;
    std::shared_ptr<DigestIndex> index_;
    bool context_ = false;
};

}  // namespace devc::engine::build
