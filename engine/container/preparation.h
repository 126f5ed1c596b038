#pragma once
#include <string>

#include "engine/container/records.h"
#include "engine/host.h"
#include "engine/launch/launch.h"

namespace devc::engine {

class Images;
class Networks;
class Volumes;

/// Where the files of a container come from: everything its start looks up.
struct Surroundings {
    const Host& host;
    const Records& records;
    const Images& images;
    const Networks& networks;
    const Volumes& volumes;
};

/// Writes what devc-monitor reads for one start: config.json, monitor.json, hosts, hostname, resolv.conf in the container's
/// folder, configurations and secrets in its run folder. Missing bind sources are made, unfinished volumes filled.
/// Throws Error if something the specification names is missing (a container to join must be running).
void prepareLaunch(const Surroundings&, const Record&);

/// Keeps the contents of configuration and secret files on the run folder (tmpfs), at creation.
void writeFiles(const Host&, const std::string& id, const std::vector<FileSpec>& files);
/// `files` with the contents that the run folder has. A secret that is gone from there (a reboot) is left out.
std::vector<FileSpec> readFiles(const Host&, const std::string& id, std::vector<FileSpec> files);

/// Fills the container's volumes that were marked for it from its image.
void fillVolumes(const Surroundings&, const Record&);

/// The id after "container:" in a mode, or empty.
std::string joinedContainer(const std::string& mode);
/// The name that the container has for itself when the specification says nothing: 12 digits of the id.
std::string shortId(const std::string& id);

}  // namespace devc::engine
