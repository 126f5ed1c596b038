#include "engine/transfer/root_folder.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/error.h"

namespace devc::engine::transfer {

namespace {

constexpr std::size_t cachedFolders = 16;

int openInRoot(int root, const std::string& path, int flags) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    for (;;) {
        long result = ::syscall(SYS_openat2, root, path.empty() ? "." : path.c_str(), &how, sizeof how);
        // EAGAIN: something was renamed meanwhile and the kernel could not be sure.
        if (result >= 0 || (errno != EINTR && errno != EAGAIN)) return static_cast<int>(result);
    }
}

}  // namespace

std::string printable(std::string_view name) {
    constexpr std::size_t most = 200;
    std::string text;
    for (char c : name.substr(0, most)) {
        auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte >= 0x7f) text += fmt::format("\\x{:02x}", byte);
        else text += c;
    }
    if (name.size() > most) text += "...";
    return text;
}

std::string cleanPath(std::string_view path) {
    std::string clean;
    while (!path.empty()) {
        std::size_t slash = std::min(path.find('/'), path.size());
        std::string_view part = path.substr(0, slash);
        path.remove_prefix(std::min(slash + 1, path.size()));
        if (part.empty() || part == ".") continue;
        if (part == "..") throw Error("the name leads out of the archive ('..')");
        if (part.size() > NAME_MAX) throw Error::of("the name '{}' is longer than {} bytes", printable(part), NAME_MAX);
        if (!clean.empty()) clean += '/';
        clean += part;
    }
    if (clean.size() >= PATH_MAX) throw Error::of("the path '{}' is longer than {} bytes", printable(clean), PATH_MAX - 1);
    return clean;
}

std::pair<std::string, std::string> splitPath(const std::string& clean) {
    std::size_t slash = clean.rfind('/');
    if (slash == std::string::npos) return {"", clean};
    return {clean.substr(0, slash), clean.substr(slash + 1)};
}

RootFolder::RootFolder(const std::string& path) : root_(openFile(path, O_PATH | O_DIRECTORY)) {}

Fd RootFolder::open(const std::string& clean, int flags) const {
    Fd file(openInRoot(root_.get(), clean, flags | O_NOFOLLOW));
    if (!file && errno != ENOENT && errno != ENOTDIR && errno != ELOOP) throw SystemError("open " + printable(clean), errno);
    return file;
}

int RootFolder::folder(const std::string& clean, bool create, std::list<std::string>* made) {
    for (auto found = cache_.begin(); found != cache_.end(); ++found) {
        if (found->first != clean) continue;
        cache_.splice(cache_.begin(), cache_, found);
        return cache_.front().second.get();
    }
    int descriptor = openInRoot(root_.get(), clean, O_PATH | O_DIRECTORY);
    if (descriptor < 0 && errno == ENOENT && create) descriptor = makePath(clean, made);
    else if (descriptor < 0 && errno == ENOENT) return -1;
    if (descriptor < 0) throw SystemError("open the folder " + printable(clean), errno);
    cache_.emplace_front(clean, Fd(descriptor));
    if (cache_.size() > cachedFolders) cache_.pop_back();
    return descriptor;
}

int RootFolder::makePath(const std::string& clean, std::list<std::string>* made) {
    Fd current(openInRoot(root_.get(), "", O_PATH | O_DIRECTORY));
    for (std::size_t end = 0; end != std::string::npos;) {
        std::size_t start = end == 0 ? 0 : end + 1;
        end = clean.find('/', start);
        std::string part = clean.substr(start, end == std::string::npos ? end : end - start);
        std::string sofar = clean.substr(0, end);
        if (::mkdirat(current.get(), part.c_str(), 0755) == 0) {
            if (made) made->push_back(sofar);
        } else if (errno != EEXIST) {
            throw SystemError("make the folder " + printable(sofar), errno);
        }
        // Resolved from the root again: the component may be a link to another folder of the root.
        current = Fd(openInRoot(root_.get(), sofar, O_PATH | O_DIRECTORY));
        if (!current) throw SystemError("open the folder " + printable(sofar), errno);
    }
    return current.release();
}

void RootFolder::remove(int parent, const std::string& name) {
    forget();
    if (::unlinkat(parent, name.c_str(), 0) == 0 || errno == ENOENT) return;
    if (errno != EISDIR && errno != EPERM) throw SystemError("remove " + printable(name), errno);
    Fd folder(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!folder) throw SystemError("open " + printable(name), errno);
    DIR* listing = ::fdopendir(::dup(folder.get()));
    if (listing == nullptr) throw SystemError("read the folder " + printable(name), errno);
    struct Closer {
        DIR* listing;
        ~Closer() { ::closedir(listing); }
    } closer{listing};
    while (dirent* entry = ::readdir(listing)) {
        std::string_view child = entry->d_name;
        if (child != "." && child != "..") remove(folder.get(), entry->d_name);
    }
    if (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) != 0) throw SystemError("remove " + printable(name), errno);
}

}  // namespace devc::engine::transfer
