#pragma once

/// The labels by which Docker Compose, and every tool that reads them, knows what belongs to a project.
namespace devc::app::label {

inline constexpr const char* project = "com.docker.compose.project";
inline constexpr const char* service = "com.docker.compose.service";
inline constexpr const char* number = "com.docker.compose.container-number";
inline constexpr const char* oneOff = "com.docker.compose.oneoff";  ///< "True" or "False"
inline constexpr const char* slug = "com.docker.compose.slug";  ///< what makes the name of a one-off container unique
inline constexpr const char* preStart = "devc.pre-start";  ///< index of the command of pre_start whose container it is
inline constexpr const char* configHash = "com.docker.compose.config-hash";
inline constexpr const char* workingDir = "com.docker.compose.project.working_dir";
inline constexpr const char* configFiles = "com.docker.compose.project.config_files";
inline constexpr const char* dependsOn = "com.docker.compose.depends_on";  ///< "db:service_started:false,..."
inline constexpr const char* version = "com.docker.compose.version";
inline constexpr const char* image = "com.docker.compose.image";  ///< id of the image it was made from
inline constexpr const char* network = "com.docker.compose.network";
inline constexpr const char* volume = "com.docker.compose.volume";

}  // namespace devc::app::label
