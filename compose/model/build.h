#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compose/model/file_object.h"
#include "compose/model/mapping.h"

namespace devc::compose {

/// Soft and hard limit of a resource; -1 is unlimited.
struct Ulimit {
    std::int64_t soft = 0;
    std::int64_t hard = 0;
};

/// A host name and one address of it ("host-gateway" is the host itself).
struct ExtraHost {
    std::string name;
    std::string address;
};

/// services.build (Compose Build Specification).
struct Build {
    std::string context;             // absolute path or URL; empty with an inline Dockerfile only
    std::string dockerfile;          // relative to the context, or absolute
    std::string dockerfileInline;
    /// Arguments without a value that the environment does not define either are left out by the builder.
    OptionalStringMap args;
    StringMap labels;
    StringMap additionalContexts;    // name -> path, URL, docker-image://, oci-layout://, service:NAME
    StringList cacheFrom;
    StringList cacheTo;
    StringList ssh;
    StringList platforms;
    StringList tags;
    StringList entitlements;
    StringList noCacheFilter;        // stages whose steps are run again
    std::string target;
    std::string network;
    std::string isolation;
    std::string provenance;
    std::string sbom;
    bool noCache = false;
    bool pull = false;
    bool privileged = false;
    std::int64_t shmSize = 0;        // bytes
    std::map<std::string, Ulimit> ulimits;
    std::vector<ExtraHost> extraHosts;
    std::vector<FileReference> secrets;
};

}  // namespace devc::compose
