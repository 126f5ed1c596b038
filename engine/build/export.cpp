#include "engine/build/export.h"

#include <map>

#include <fcntl.h>
#include <nlohmann/json.hpp>

#include "engine/build/run_mount.h"
#include "engine/error.h"
#include "engine/linux/fd.h"

namespace devc::engine::build {

namespace fs = std::filesystem;

namespace {

void place(const fs::path& from, const fs::path& to) {
    if (fs::exists(to)) return;
    std::error_code failed;
    fs::create_hard_link(from, to, failed);
    if (failed) fs::copy_file(from, to);
}

void writeLayout(const Host& host, const Images& images, const Image& image, const fs::path& folder) {
    const fs::path blobs = folder / "blobs" / "sha256";
    fs::create_directories(blobs);
    const auto add = [&](const std::string& digest) { place(host.blobs() / digest.substr(7), blobs / digest.substr(7)); };
    add(image.manifestDigest);
    add(image.id);
    for (const NewLayer& layer : images.layersOf(image)) add(layer.blobDigest);
    nlohmann::json manifest = {{"mediaType", "application/vnd.oci.image.manifest.v1+json"},
                               {"digest", image.manifestDigest},
                               {"size", fs::file_size(host.blobs() / image.manifestDigest.substr(7))},
                               {"platform", {{"architecture", image.architecture}, {"os", image.os}}}};
    if (!image.references.empty()) manifest["annotations"] = {{"io.containerd.image.name", image.references.front()}};
    const nlohmann::json index = {{"schemaVersion", 2}, {"mediaType", "application/vnd.oci.image.index.v1+json"}, {"manifests", {manifest}}};
    writeFileAtomically((folder / "oci-layout").string(), R"({"imageLayoutVersion":"1.0.0"})", 0644);
    writeFileAtomically((folder / "index.json").string(), index.dump(), 0644);
}

}  // namespace

void exportImage(const Host& host, const Images& images, const Image& image, const std::string& output) {
    if (output.empty()) return;
    std::map<std::string, std::string> fields;
    for (const std::string& field : splitFields(output)) {
        const std::size_t equals = field.find('=');
        if (equals == std::string::npos) fields[fields.empty() && output.find('=') == std::string::npos ? "local" : field] = field;
        else fields[field.substr(0, equals)] = field.substr(equals + 1);
    }
    const std::string type = fields["type"];
    if (type == "image" || (type == "docker" && fields["dest"].empty())) return;
    if (type != "oci" && type != "docker") throw Error::of("the output type {} is not known", type.empty() ? output : type).hint("oci, docker and image are");
    const std::string destination = fields["dest"];
    if (destination.empty()) throw Error("the output needs dest=PATH");
    if (fields["tar"] == "false") return writeLayout(host, images, image, destination);
    const Fd file = openFile(destination, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    images.save({image.references.empty() ? image.id : image.references.front()}, file.get());
}

}  // namespace devc::engine::build
