#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/host.h"
#include "engine/state/database.h"

namespace devc::engine {

struct VolumeSpec {
    std::string name;  ///< empty: anonymous, 64 hexadecimal digits
    std::string driver = "local";
    std::map<std::string, std::string> driverOptions, labels;
};
struct Volume {
    VolumeSpec spec;
    std::string created;
    bool anonymous = false;
    std::filesystem::path mountpoint;
};

/// What a container mounts for a volume: the folder of it, or what its driver's options name (type, device, o).
struct VolumeSource {
    std::string type;    ///< "bind" or a file system
    std::string source;  ///< folder or device
    std::vector<std::string> options;
};
VolumeSource sourceOf(const Volume&);

/// Named and anonymous volumes. A volume is a record and a folder volumes/<name>/ with its files in _data.
class Volumes {
public:
    Volumes(const Host&, Database&);
    Volume create(const VolumeSpec&);  ///< returns the existing one if it is the same; throws Conflict if it differs
    std::optional<Volume> find(const std::string& name) const;
    std::vector<Volume> list() const;
    void remove(const std::string& name, bool force);  ///< throws Conflict while a container uses it
    /// Deletes the records of those among them that are anonymous and that nobody uses any more, and returns their names.
    /// Inside the caller's transaction; once that is committed removeFolders() frees what they hold.
    std::vector<std::string> forgetUnused(const std::vector<std::string>& names);
    void removeFolders(const std::vector<std::string>& names);
    nlohmann::json inspect(const std::string& name) const;
    std::vector<std::string> prune(bool all);
    /// Names of containers that use it.
    std::vector<std::string> users(const std::string& name) const;

    /// Notes that the container mounts it; both must exist. Inside the caller's transaction.
    void addUser(const std::string& name, const std::string& containerId);
    /// Names of the volumes that a container mounts.
    std::vector<std::string> usedBy(const std::string& containerId) const;
    /// Deletes folders that no record knows: what a killed command left. Cheap when there is nothing.
    void collectLeftovers();
    /// Records of volumes that have a folder and none, after records were lost; returns the names.
    std::vector<std::string> adoptFolders();

private:
    const Host& host_;
    Database& database_;
};

}  // namespace devc::engine
