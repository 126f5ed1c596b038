#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "compose/model/mapping.h"

namespace devc::compose {

/// A project's files as an OCI artifact, in the form that Docker Compose publishes and reads.
struct PublishedFile {
    std::string mediaType;
    StringMap annotations;
    std::string text;
};
struct PublishedProject {
    std::string digest;  // of the manifest, "sha256:..."
    std::string type;    // artifactType, or the media type of the configuration
    std::vector<PublishedFile> files;
};

constexpr std::string_view publishedType = "application/vnd.docker.compose.project";                      // artifactType, OCI 1.1
constexpr std::string_view publishedConfigType = "application/vnd.docker.compose.config.empty.v1+json";  // OCI 1.0
constexpr std::string_view publishedComposeFile = "compose.yaml";

/// The files as they are written (comments, variables), then the files that their services extend and their env_files, which
/// get other names (without folders) in the texts too. `folder`: the project directory. Throws LoadError where a file
/// cannot be read, or where what it names cannot be published: a local include, standard input.
std::vector<PublishedFile> filesToPublish(const StringList& files, const std::string& folder);

/// A further compose file that is laid over the others.
PublishedFile publishedFile(const std::string& name, std::string text);

/// Names (no paths) and texts of what belongs into one folder; the compose file is `publishedComposeFile`, with a document
/// for each that was published. Throws std::runtime_error for another artifact, for names with folders, without any compose file.
std::map<std::string, std::string> unpackPublished(const PublishedProject& project);

}  // namespace devc::compose
