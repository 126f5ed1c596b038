#pragma once
#include <string>
#include <string_view>

#include "compose/model/project.h"
#include "engine/spec.h"

namespace devc::app {

/// The name of the container of a service that others refer to: its first.
std::string firstContainerOf(const compose::Project& project, const std::string& service, const std::string& separator);

/// no, always, unless-stopped, on-failure[:n]. Throws Error on what docker refuses.
engine::RestartPolicy parseRestart(std::string_view text);

/// A container of the service in the engine's words, without name, number and image id.
engine::ContainerSpec specOf(const compose::Project& project, const compose::Service& service, const std::string& separator);

/// The container of the `index`th command of the service's `pre_start`, without image id; what it mounts are those of the
/// container that it runs for, which is filled in with volumesFrom.
engine::ContainerSpec preStartSpecOf(const compose::Project& project, const compose::Service& service, std::size_t index, const std::string& separator);

}  // namespace devc::app
