#include "engine/linux/own_folder.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "engine/digest.h"
#include "engine/error.h"
#include "engine/linux/remove_tree.h"

namespace devc::engine {

namespace fs = std::filesystem;

namespace {

/// Nobody takes a folder for ownerless between its making and its locking.
Fd closeGate(const fs::path& parent) {
    Fd gate = openFile(parent.string(), O_RDONLY | O_DIRECTORY);
    while (::flock(gate.get(), LOCK_EX) != 0)
        if (errno != EINTR) throw SystemError("lock " + parent.string(), errno);
    return gate;
}

void removeUnlocked(const fs::path& parent) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(parent, ignored)) {
        Fd folder(::open(entry.path().c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (folder && ::flock(folder.get(), LOCK_EX | LOCK_NB) == 0) tryRemoveTree(entry.path());
    }
}

}  // namespace

OwnFolder::OwnFolder(const fs::path& parent) : path_(parent / randomHex(8)) {
    const Fd gate = closeGate(parent);
    removeUnlocked(parent);
    if (::mkdir(path_.c_str(), 0700) != 0) throw SystemError("create " + path_.string(), errno);
    lock_ = openFile(path_.string(), O_RDONLY | O_DIRECTORY);
    if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) throw SystemError("lock " + path_.string(), errno);
}

OwnFolder::~OwnFolder() { tryRemoveTree(path_); }

void removeOwnerless(const fs::path& parent) {
    const Fd gate = closeGate(parent);
    removeUnlocked(parent);
}

}  // namespace devc::engine
