#include "engine/build/selection.h"

#include <algorithm>
#include <future>
#include <iterator>
#include <span>
#include <system_error>

#include <sys/sysmacros.h>

#include "engine/digest.h"
#include "engine/error.h"

namespace devc::engine::build {

namespace {

std::string lastName(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

/// Collects a folder's content in order.
class Walk {
public:
    Walk(const FileTree& tree, const PatternList& include, const PatternList& exclude) : tree_(tree), include_(include), exclude_(exclude) {}

    /// What is looked at is the kernel's work: the two halves of a folder of folders are collected at the same time.
    std::vector<Selected::Entry> below(const Node& folder) {
        std::vector<Node> nodes = tree_.children(folder);
        const auto middle = nodes.begin() + static_cast<std::ptrdiff_t>(nodes.size() / 2);
        if (std::count_if(nodes.begin(), nodes.end(), [](const Node& node) { return node.isFolder(); }) < 2) {
            collect(nodes, "", include_.empty());
            return std::move(entries_);
        }
        Walk rest(tree_, include_, exclude_);
        const auto collectRest = [&] { rest.collect({middle, nodes.end()}, "", include_.empty()); };
        std::future<void> other;
        try {
            other = std::async(std::launch::async, collectRest);
        } catch (const std::system_error&) {
            // No more threads are to be had.
        }
        collect({nodes.begin(), middle}, "", include_.empty());
        if (other.valid()) other.get();
        else collectRest();
        std::move(rest.entries_.begin(), rest.entries_.end(), std::back_inserter(entries_));
        return std::move(entries_);
    }

private:
    void collect(std::span<Node> nodes, const std::string& prefix, bool chosen) {
        for (Node& node : nodes) {
            const std::string path = prefix.empty() ? lastName(node.path) : prefix + "/" + lastName(node.path);
            const bool excluded = !exclude_.empty() && exclude_.matches(path);
            if (excluded && !(node.isFolder() && exclude_.mayExceptBelow(path))) continue;
            const bool take = !excluded && (chosen || include_.matches(path));
            const bool isFolder = node.isFolder();
            if (!isFolder && !take) continue;
            const std::size_t place = entries_.size();
            if (!isFolder) {
                entries_.push_back({path, std::move(node), false});
                continue;
            }
            entries_.push_back({path, node, !take});
            std::vector<Node> children = tree_.children(node);
            collect(children, path, chosen || include_.matches(path));
            if (!take && entries_.size() == place + 1) entries_.pop_back();  // nothing in it was chosen
        }
    }

    const FileTree& tree_;
    const PatternList& include_;
    const PatternList& exclude_;
    std::vector<Selected::Entry> entries_;
};

Error missing(const FileTree& tree, const std::string& path, const std::string& where) {
    Error error = Error::of("\"/{}\": not found in {}", path, where);
    if (tree.isHidden(path)) error.detail(fmt::format("{} exists, but .dockerignore excludes it", path));
    for (const std::string& name : tree.similar(path)) error.hint(fmt::format("did you mean {}?", name));
    return error;
}

/// Paths below `folder` that match `pattern` component by component; a folder that matches is not searched further.
void glob(const FileTree& tree, const Node& folder, const std::string& prefix, std::string_view pattern, std::vector<std::string>& found) {
    for (const Node& node : tree.children(folder)) {
        const std::string path = prefix.empty() ? lastName(node.path) : prefix + "/" + lastName(node.path);
        if (matchPath(pattern, path)) found.push_back(path);
        else if (node.isFolder()) glob(tree, node, path, pattern, found);
    }
}

/// Throws Error on a malformed pattern.
std::vector<std::string> matching(const FileTree& tree, const std::string& source) {
    if (!hasWildcard(source)) return {source};
    checkPattern(source);
    std::size_t slash = 0;
    for (std::size_t at = 0; at < source.size();) {
        const std::size_t end = std::min(source.find('/', at), source.size());
        if (hasWildcard(std::string_view(source).substr(at, end - at))) break;
        slash = at = end + 1;
    }
    const std::string folder = source.substr(0, slash > 0 ? slash - 1 : 0);
    const auto start = tree.find(folder, true);
    std::vector<std::string> found;
    if (!start || !start->isFolder()) return found;
    glob(tree, *start, "", std::string_view(source).substr(slash), found);
    for (std::string& path : found) path = start->path.empty() ? path : start->path + "/" + path;
    return found;
}

/// Only with --parents `**` means any number of folders; else it is `*`.
std::string withoutDoubleStars(std::string_view pattern) {
    std::string result;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        if (pattern[at] == '*' && result.ends_with('*') && !result.ends_with("\\*")) continue;
        result += pattern[at];
        if (pattern[at] == '\\' && at + 1 < pattern.size()) result += pattern[++at];
    }
    return result;
}

std::string relative(std::string_view path) {
    std::string cleaned = cleanPath("/" + std::string(path));
    return cleaned.substr(1);
}

std::vector<Selected> selectWithParents(const FileTree& tree, const std::string& source, const PatternList& exclude, const std::string& where) {
    const std::size_t pivot = source.find("/./");
    const std::string start = relative(pivot == std::string::npos ? "" : source.substr(0, pivot));
    const std::string pattern = relative(pivot == std::string::npos ? source : source.substr(pivot + 3));
    if (!hasWildcard(start) && !hasWildcard(pattern)) {
        const std::string whole = start.empty() ? pattern : start + "/" + pattern;
        const auto node = whole.empty() ? std::nullopt : tree.find(whole, false);
        if (!node || node->path != whole) throw missing(tree, whole, where);  // nor is it found behind a link
    }
    std::vector<Selected> result;
    for (const std::string& folder : matching(tree, start)) {
        const auto node = tree.find(folder, true);
        if (!node || !node->isFolder()) continue;
        const PatternList include = pattern.empty() ? PatternList() : PatternList(std::vector<std::string>{pattern});
        result.push_back({"", *node, Walk(tree, include, exclude).below(*node)});
    }
    return result;
}

void describe(const FileTree& tree, const Node& node, bool metadata, Sha256& digest) {
    if (metadata) digest.update(fmt::format("{:o} {} {}\n", node.info.st_mode & 07777, node.info.st_uid, node.info.st_gid));
    if (node.isFile()) digest.update("file " + tree.contentDigest(node) + "\n");
    else if (node.isLink()) digest.update("link " + tree.linkTarget(node) + '\0');
    else if (node.isFolder()) digest.update("folder\n");
    else digest.update(fmt::format("special {:o} {}:{}\n", node.info.st_mode & S_IFMT, major(node.info.st_rdev), minor(node.info.st_rdev)));
}

}  // namespace

std::vector<Selected> select(const FileTree& tree, const std::string& source, const SelectOptions& options, const std::string& where) {
    const PatternList exclude(options.excludes);
    if (options.parents) return selectWithParents(tree, source, exclude, where);
    const std::string path = options.wildcards ? withoutDoubleStars(relative(source)) : relative(source);
    std::vector<Selected> result;
    for (const std::string& match : options.wildcards ? matching(tree, path) : std::vector<std::string>{path}) {
        const auto node = tree.find(match, true);
        if (!node) throw missing(tree, match, where);
        Selected selected{lastName(match), *node, {}};
        if (node->isFolder()) selected.entries = Walk(tree, PatternList(), exclude).below(*node);
        result.push_back(std::move(selected));
    }
    return result;
}

std::string contentDigest(const FileTree& tree, const std::vector<Selected>& selection) {
    Sha256 digest;
    for (const Selected& selected : selection) {
        digest.update(selected.name + '\0');
        describe(tree, selected.node, !selected.node.isFolder(), digest);
        for (const Selected::Entry& entry : selected.entries) {
            digest.update(entry.below + '\0');
            describe(tree, entry.node, true, digest);
        }
        digest.update("end\n");
    }
    return digest.finish();
}

}  // namespace devc::engine::build
