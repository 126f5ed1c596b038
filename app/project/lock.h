#pragma once
#include <filesystem>
#include <functional>
#include <string>

#include "engine/linux/fd.h"

namespace devc::app {

/// Commands that change a project wait for each other. Held while the object lives; a killed process holds nothing.
class ProjectLock {
public:
    /// `waiting` is told once, with who holds it, when it is not free.
    ProjectLock(const std::filesystem::path& runDir, const std::string& project, const std::function<void(const std::string&)>& waiting);

private:
    engine::Fd file_;
};

}  // namespace devc::app
