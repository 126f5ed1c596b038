#include "engine/build/context_source.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "engine/build/archive.h"
#include "engine/build/file_tree.h"
#include "engine/build/git.h"
#include "engine/error.h"
#include "engine/image/transfer_process.h"
#include "engine/linux/fd.h"

namespace devc::engine::build {

namespace {

void copyAll(int from, int to) {
    std::string buffer(1 << 17, '\0');
    for (ssize_t count; (count = readSome(from, buffer.data(), buffer.size())) != 0;) {
        if (count < 0) throw SystemError("read the build context", errno);
        writeAll(to, std::string_view(buffer.data(), static_cast<std::size_t>(count)));
    }
}

}  // namespace

bool ContextSource::isAddress(const std::string& text) {
    return text.starts_with("http://") || text.starts_with("https://") || GitSource::parse(text).has_value();
}

void ContextSource::take(const Host& host, int file) {
    if (mayBeArchive(file)) {
        const auto target = place_.folder() / "context";
        std::filesystem::create_directories(target);
        const Fd folder = openFile(target.string(), O_RDONLY | O_DIRECTORY);
        if (extractArchive(host, file, folder.get(), std::nullopt)) {
            folder_ = target;
            return;
        }
    }
    const off_t size = lseek(file, 0, SEEK_END);
    if (size > static_cast<off_t>(largestDockerfile)) throw Error("what was given as the build context is neither an archive nor a Dockerfile");
    std::string text(static_cast<std::size_t>(size), '\0');
    if (pread(file, text.data(), text.size(), 0) != size) throw SystemError("read the Dockerfile", errno);
    dockerfile_ = std::move(text);
}

std::unique_ptr<ContextSource> ContextSource::fromAddress(const Host& host, const std::string& address) {
    std::unique_ptr<ContextSource> source(new ContextSource(host));
    try {
        if (const auto git = GitSource::parse(address)) {
            const auto checkout = source->place_.folder() / "git";
            checkOut(*git, checkout, git->keepGit.value_or(false));
            const Fd root = openFile(checkout.string(), O_PATH | O_DIRECTORY);
            const Resolved folder = resolveIn(root.get(), git->folder, true);
            if (!folder.exists || !S_ISDIR(folder.info.st_mode)) throw Error::of("the folder {} does not exist in the repository", git->folder);
            source->folder_ = checkout / folder.path;
            return source;
        }
        const Fd file = openFile((source->place_.folder() / "download").string(), O_RDWR | O_CREAT | O_EXCL, 0600);
        transfer(host, "download", {{"url", address}, {"head", false}}, {.output = file.get()});
        source->take(host, file.get());
    } catch (Error& error) {
        throw error.during("fetching the build context {}", address);
    }
    return source;
}

std::unique_ptr<ContextSource> ContextSource::fromDescriptor(const Host& host, int input) {
    std::unique_ptr<ContextSource> source(new ContextSource(host));
    const Fd file = openFile((source->place_.folder() / "input").string(), O_RDWR | O_CREAT | O_EXCL, 0600);
    copyAll(input, file.get());
    source->take(host, file.get());
    return source;
}

}  // namespace devc::engine::build
