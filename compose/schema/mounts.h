#pragma once
#include "compose/schema/shapes.h"

namespace devc::compose::schema {

inline constexpr std::string_view mountTypes[] = {"bind", "volume", "tmpfs", "cluster", "npipe", "image"};
inline constexpr std::string_view recursions[] = {"enabled", "disabled", "writable", "readonly"};
inline constexpr std::string_view selinuxModes[] = {"z", "Z"};

inline constexpr Attribute bindRows[] = {
    {"selinux", choice(selinuxModes), "05-services#volumes"},
    {"propagation", text, "05-services#volumes"},
    {"create_host_path", flag, "05-services#volumes", Merge::Deep, Unique::No, Path::No, Zero::OmitTrue},
    {"recursive", choice(recursions), "05-services#volumes"},
};
inline constexpr Attribute volumeOptionRows[] = {
    {"labels", pairs, "05-services#volumes", Merge::Pairs, Unique::Strict},
    {"nocopy", flag, "05-services#volumes"},
    {"subpath", text, "05-services#volumes"},
};
inline constexpr Attribute tmpfsRows[] = {
    {"size", between(bytes, 0, 9.2e18), "05-services#volumes"},
    {"mode", scalar(accept::Number, Value::Mode), "05-services#volumes"},
};
inline constexpr Attribute imageMountRows[] = {{"subpath", text, "05-services#volumes"}};

inline constexpr Attribute volumeMountRows[] = {
    {"type", choice(mountTypes), "05-services#volumes", Merge::Deep, Unique::No, Path::No, Zero::Omit, true},
    {"source", text, "05-services#volumes"},
    {"target", text, "05-services#volumes"},
    {"read_only", flag, "05-services#volumes"},
    {"consistency", text, "05-services#volumes"},
    {"bind", object(bindRows), "05-services#volumes", Merge::Deep, Unique::No, Path::No, Zero::Keep},
    {"volume", object(volumeOptionRows), "05-services#volumes", Merge::Deep, Unique::No, Path::No, Zero::Keep},
    {"tmpfs", object(tmpfsRows), "05-services#volumes", Merge::Deep, Unique::No, Path::No, Zero::Keep},
    {"image", object(imageMountRows), "05-services#volumes", Merge::Deep, Unique::No, Path::No, Zero::Keep},
};
inline constexpr Shape volumeMount = object(volumeMountRows, accept::String, Form::VolumeMount);

inline constexpr Attribute deviceRows[] = {
    {"source", text, "05-services#devices", Merge::Deep, Unique::No, Path::No, Zero::Omit, true},
    {"target", text, "05-services#devices"},
    {"permissions", text, "05-services#devices"},
};
inline constexpr Shape device = object(deviceRows, accept::String, Form::Device);

inline constexpr Attribute portRows[] = {
    {"name", text, "05-services#ports"},
    {"mode", text, "05-services#ports"},
    {"host_ip", text, "05-services#ports"},
    {"target", between(integer, 0, 4294967295.0), "05-services#ports"},
    {"published", scalar(accept::String | accept::Integer, Value::Text), "05-services#ports"},
    {"protocol", text, "05-services#ports"},
    {"app_protocol", text, "05-services#ports"},
};
inline constexpr Shape port = object(portRows, accept::Number | accept::String);

}  // namespace devc::compose::schema
