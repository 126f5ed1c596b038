#pragma once
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/spec.h"

namespace devc::engine {

// The box that a container gets when it asks for nothing: docker's, as tables.

std::span<const std::string_view> maskedPaths();
std::span<const std::string_view> readOnlyPaths();
/// OCI mounts of /proc, /dev, /dev/pts, /dev/shm, /dev/mqueue, /sys, /sys/fs/cgroup. shmSize in bytes.
nlohmann::json defaultMounts(bool privileged, std::int64_t shmSize);
/// OCI linux.resources.devices: what the devices controller allows.
nlohmann::json defaultDeviceRules();

/// "CAP_CHOWN" ... as a process has them after docker's rules: defaults, then `capAdd` and `capDrop` ("ALL", with or without
/// "CAP_", any case); all for privileged. What is not in `available` is left out. Throws Error for a name that is none.
std::set<std::string> capabilitiesOf(const ContainerSpec&, const std::set<std::string>& available);
/// Those that this process may give away (its permitted set).
std::set<std::string> ownCapabilities();

}  // namespace devc::engine
