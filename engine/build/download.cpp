#include "engine/build/download.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "engine/build/archive.h"
#include "engine/build/git.h"
#include "engine/build/step_folder.h"
#include "engine/error.h"
#include "engine/image/transfer_process.h"

namespace devc::engine::build {

namespace {

/// The file name that a URL gives: its last component, without query.
std::string fileNameOf(const std::string& url) {
    const std::string path = url.substr(0, url.find_first_of("?#"));
    const std::size_t start = path.find("://");
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos || (start != std::string::npos && slash < start + 3)) return {};
    return path.substr(slash + 1);
}

nlohmann::json fetch(const Host& host, const std::string& url, int output, bool onlyHead) {
    return transfer(host, "download", {{"url", url}, {"head", onlyHead}}, {.output = output});
}

std::optional<GitSource> gitSource(const CopyStep& step, const std::string& url) {
    std::optional<GitSource> source = GitSource::parse(url);
    if (source && !step.checksum.empty()) source->commit = step.checksum;
    return source;
}

void addRepository(const GitSource& source, const CopyStep& step, const StepFolder& folder, Placer& placer) {
    const auto checkout = folder.folder() / "git";
    checkOut(source, checkout, source.keepGit.value_or(step.keepGit));
    const FileTree tree(openFile(checkout.string(), O_PATH | O_DIRECTORY), PatternList(), nullptr);
    if (const auto node = tree.find(source.folder, true); !node || !node->isFolder())
        throw Error::of("the folder {} does not exist in {}", source.folder, source.url);
    for (const Selected& selected : select(tree, source.folder.empty() ? "." : source.folder, {false, step.excludes, false}, source.url))
        placer.copy(tree, selected, step.destination);
}

}  // namespace

std::string remoteIdentity(Workshop& shop, const CopyStep& step, const std::string& url) {
    if (const auto git = gitSource(step, url)) return resolveCommit(*git);
    if (!step.checksum.empty()) return step.checksum;
    try {
        const nlohmann::json head = fetch(shop.host(), url, -1, true);
        const std::string etag = head.value("etag", ""), modified = head.value("modified", "");
        if (!etag.empty() || !modified.empty()) return etag + " " + modified + " " + std::to_string(head.value("size", std::int64_t{-1}));
    } catch (const Error&) {
        // A server that does not answer HEAD.
    }
    const Fd nowhere = openFile("/dev/null", O_WRONLY);
    return fetch(shop.host(), url, nowhere.get(), false).value("digest", "");
}

void addRemote(Workshop& shop, const CopyStep& step, const std::string& url, int root, Placer& placer, std::optional<Owner> owner,
               const StepFolder& folder) {
    if (const auto git = gitSource(step, url)) return addRepository(*git, step, folder, placer);
    std::string name = fileNameOf(url);
    if (name.empty()) name = "__unnamed__";
    const auto place = folder.folder() / "download";
    std::filesystem::create_directories(place);
    Fd file = openFile((place / name).string(), O_RDWR | O_CREAT | O_EXCL, 0600);
    const nlohmann::json answer = fetch(shop.host(), url, file.get(), false);
    if (const std::string digest = answer.value("digest", ""); !step.checksum.empty() && digest != step.checksum)
        throw Error::of("digest mismatch {}: {}", step.checksum, digest).during("fetching {}", url);
    fchmod(file.get(), 0600);
    const std::int64_t modified = answer.value("time", std::int64_t{0});
    const timespec times[2] = {{modified, 0}, {modified, 0}};
    futimens(file.get(), times);
    if (step.unpack && mayBeArchive(file.get())) {
        const std::string path = Placer(root, owner, std::nullopt).makeFolders(step.destination);  // --chmod is not for archives
        const Fd target(openat(root, path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!target) throw SystemError("open /" + path, errno);
        if (extractArchive(shop.host(), file.get(), target.get(), owner)) return;
    }
    const FileTree tree(openFile(place.string(), O_PATH | O_DIRECTORY), PatternList(), nullptr);
    for (const Selected& selected : select(tree, name, {false, {}, false}, url)) placer.copy(tree, selected, step.destination);
}

}  // namespace devc::engine::build
