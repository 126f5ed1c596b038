#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace devc::compose {

enum class MountType { Volume, Bind, Tmpfs, Image, NamedPipe, Cluster };

/// One entry of services.volumes.
struct Mount {
    MountType type = MountType::Volume;
    /// Volume: key of Project::volumes, empty for an anonymous one. Bind: absolute host path. Image: reference.
    std::string source;
    std::string target;
    bool readOnly = false;
    std::string consistency;

    std::string bindPropagation;         // "", rprivate, rslave, rshared, ...
    bool createHostPath = true;          // make the missing folder of a bind's source
    std::string selinux;                 // "", z or Z
    std::string bindRecursive;           // "", enabled, disabled, writable, readonly

    bool noCopy = false;                 // do not fill an empty volume from the image
    std::string subpath;                 // within the volume or image

    std::int64_t tmpfsSize = 0;          // bytes, 0 is unlimited
    std::optional<std::uint32_t> tmpfsMode;
};

}  // namespace devc::compose
