#include "compose/publication.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <stdexcept>

#include <fmt/format.h>

#include "compose/environment.h"
#include "compose/hash.h"
#include "compose/paths.h"
#include "compose/problems.h"
#include "compose/remote.h"
#include "compose/source/yaml.h"

namespace devc::compose {
namespace {

constexpr const char* yamlType = "application/vnd.docker.compose.file+yaml";
constexpr const char* envType = "application/vnd.docker.compose.envfile";
constexpr const char* fileName = "com.docker.compose.file";
constexpr const char* envName = "com.docker.compose.envfile";
constexpr const char* isExtended = "com.docker.compose.extends";

/// A place in a text that is written anew.
struct Edit {
    std::size_t offset, length;
    std::string text;
};

/// Puts `name` where the scalar stands: plain, or in quotes without escapes.
Edit renamed(const Node& scalar, std::string name) {
    std::string_view rest = scalar.at.source->from(scalar.at);
    char quote = rest.empty() ? '\0' : rest.front();
    std::string written = quote == '"' || quote == '\'' ? quote + scalar.text + quote : scalar.text;
    if (!rest.starts_with(written)) {
        throw LoadError({diagnose(scalar.at, fmt::format("the path {} cannot be changed where it stands, to publish the file", scalar.text), "write it here, on one line and without escapes")});
    }
    return {scalar.at.source->text.size() - rest.size(), written.size(), std::move(name)};
}

std::string edited(std::string text, std::vector<Edit> edits) {
    std::sort(edits.begin(), edits.end(), [](const Edit& a, const Edit& b) { return a.offset > b.offset; });
    for (const Edit& edit : edits) text.replace(edit.offset, edit.length, edit.text);
    return text;
}

class Packer {
public:
    /// `folder`: what the env_files of a file's services are relative to.
    std::string compose(const std::string& path, const std::string& folder) {
        const Source& source = readSource(path, sources_);
        std::vector<Edit> edits;
        for (const Node& document : parseYaml(source)) {
            if (const Node* include = document.find("include")) refuseLocal(*include);
            const Node* services = document.find("services");
            if (!services) continue;
            for (const Entry& service : services->entries) {
                if (const Node* extends = service.value.find("extends")) extended(*extends, folder, edits);
                if (const Node* files = service.value.find("env_file")) environment(*files, folder, edits);
            }
        }
        return edited(source.text, std::move(edits));
    }

    std::vector<PublishedFile> others() {
        std::vector<PublishedFile> all = std::move(extended_);
        std::move(environments_.begin(), environments_.end(), std::back_inserter(all));
        return all;
    }

private:
    static void refuseLocal(const Node& include) {
        auto each = [](auto&& self, const Node& node) -> void {
            if (node.isString() && !isRemote(node.text)) {
                throw LoadError({diagnose(node.at, "cannot publish compose file with local includes", "publish what `devc config` prints instead")});
            }
            for (const Entry& entry : node.entries) self(self, node.isMap() && entry.key != "path" ? Node() : entry.value);
        };
        each(each, include);
    }

    /// A path that is written in a file and can be followed: no variable, nothing remote.
    static bool isLocal(const Node& node) {
        return node.isString() && !node.text.empty() && node.text.find('$') == std::string::npos && !isRemote(node.text);
    }

    void extended(const Node& extends, const std::string& folder, std::vector<Edit>& edits) {
        const Node* file = extends.find("file");
        if (!file || !isLocal(*file)) return;
        std::string path = joinPath(folder, file->text), name = sha256Hex(path) + ".yaml";
        edits.push_back(renamed(*file, name));
        if (!names_.insert(name).second) return;
        std::string text = compose(path, folderOf(path));
        extended_.push_back({yamlType, {{fileName, name}, {isExtended, "true"}}, std::move(text)});
    }

    void environment(const Node& files, const std::string& folder, std::vector<Edit>& edits) {
        if (files.isList()) {
            for (const Entry& item : files.entries) environment(item.value, folder, edits);
            return;
        }
        const Node* file = files.isMap() ? files.find("path") : &files;
        if (!file || !isLocal(*file)) return;
        std::string path = joinPath(folder, file->text), name = sha256Hex(path) + ".env";
        const Node* required = files.find("required");
        if (required && !required->isTrue() && !isRegularFile(path)) return;
        edits.push_back(renamed(*file, name));
        if (names_.insert(name).second) environments_.push_back({envType, {{envName, name}}, readSource(path, sources_).text});
    }

    Sources sources_;
    std::set<std::string> names_;
    std::vector<PublishedFile> extended_, environments_;
};

std::string nameOf(const PublishedFile& file, const char* annotation) {
    auto found = file.annotations.find(annotation);
    std::string name = found == file.annotations.end() ? std::string() : found->second;
    if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos || name.find('\0') != std::string::npos) {
        throw std::runtime_error(fmt::format("it has a file without a plain name in the annotation {}", annotation));
    }
    return name;
}

}  // namespace

PublishedFile publishedFile(const std::string& name, std::string text) { return {yamlType, {{fileName, name}}, std::move(text)}; }

std::vector<PublishedFile> filesToPublish(const StringList& files, const std::string& folder) {
    Packer packer;
    std::vector<PublishedFile> all;
    for (const std::string& file : files) {
        if (file == "-") throw LoadError("standard input cannot be published", "name a file with -f");
        all.push_back(publishedFile(std::string(baseName(file)), packer.compose(file, folder)));
    }
    std::vector<PublishedFile> others = packer.others();
    std::move(others.begin(), others.end(), std::back_inserter(all));
    return all;
}

std::map<std::string, std::string> unpackPublished(const PublishedProject& project) {
    if (project.type != publishedType && project.type != publishedConfigType) {
        throw std::runtime_error(fmt::format("it is no compose application but {}", project.type.empty() ? "of no type" : project.type));
    }
    std::map<std::string, std::string> files;
    std::string main;
    for (const PublishedFile& file : project.files) {
        if (file.mediaType == envType) {
            files[nameOf(file, envName)] = file.text;
        } else if (file.mediaType == yamlType && file.annotations.contains(isExtended)) {
            files[nameOf(file, fileName)] = file.text;
        } else if (file.mediaType == yamlType) {
            if (!main.empty()) main += "\n---\n";
            main += file.text;
        }
    }
    if (main.empty()) throw std::runtime_error("it has no compose file");
    if (!files.emplace(publishedComposeFile, main).second) throw std::runtime_error("it has two files of one name");
    return files;
}

}  // namespace devc::compose
