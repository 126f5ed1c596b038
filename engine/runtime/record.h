#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

#include "engine/linux/cgroup.h"

namespace devc::engine::runtime {

/// What devc-runtime remembers of a container between its commands: `<root>/<id>/state.json`, and beside it the FIFO `gate`
/// for as long as the program has not been started.
struct Record {
    std::string id, bundle, rootfs, cgroup, created;
    pid_t pid = 0;
    std::uint64_t startTime = 0;  ///< of the process, so that a later one of the same number is not taken for it
    std::map<std::string, std::string> annotations;

    /// The control groups while it runs.
    std::unique_ptr<Cgroup> groups() const { return Cgroup::of(pid, std::filesystem::path(cgroup).filename().string()); }
};

/// The states of runtime-spec, and runc's "paused".
enum class Life { Created, Running, Paused, Stopped };
const char* nameOf(Life life);

/// The folder with the records of all containers.
class Records {
public:
    explicit Records(std::filesystem::path root) : root_(std::move(root)) {}

    /// Makes the folder of a new container and its gate. Throws Error if the id is taken or no name for a folder.
    void reserve(const std::string& id) const;
    void save(const Record& record) const;
    /// Throws Error "container does not exist".
    Record load(const std::string& id) const;
    std::vector<Record> all() const;
    void erase(const std::string& id) const;
    std::string gateOf(const std::string& id) const { return (root_ / id / "gate").string(); }
    Life lifeOf(const Record& record) const;

private:
    std::filesystem::path root_;
};

}  // namespace devc::engine::runtime
