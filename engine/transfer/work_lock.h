#pragma once
#include <filesystem>
#include <functional>
#include <string>

#include "engine/linux/fd.h"

namespace devc::engine::transfer {

/// One process at a time does the work of this name; another one waits, and then finds it done. A process that is killed
/// lets go. The file of the lock is removed with it.
class WorkLock {
public:
    /// `waiting` is called before it waits for somebody else. Throws SystemError.
    WorkLock(const std::filesystem::path& folder, const std::string& name, const std::function<void()>& waiting);
    ~WorkLock();
    WorkLock(const WorkLock&) = delete;

private:
    std::string path_;
    Fd file_;
};

}  // namespace devc::engine::transfer
