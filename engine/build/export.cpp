#include "engine/build/export.h"

#include <map>
#include <optional>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/build/place.h"
#include "engine/build/run_mount.h"
#include "engine/build/selection.h"
#include "engine/error.h"
#include "engine/image/transfer_process.h"
#include "engine/linux/fd.h"
#include "engine/linux/output_file.h"

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

using Fields = std::map<std::string, std::string>;

/// "type=tar,dest=x"; "-" and "DIR" are short for tar and local.
Fields fieldsOf(const std::string& output) {
    if (output == "-") return {{"type", "tar"}, {"dest", "-"}};
    if (output.find('=') == std::string::npos) return {{"type", "local"}, {"dest", output}};
    Fields fields;
    for (const std::string& field : splitFields(output)) {
        const std::size_t equals = field.find('=');
        if (equals == std::string::npos) throw Error::of("invalid field '{}' in the output {}: it must be a key=value pair", field, output);
        fields[field.substr(0, equals)] = field.substr(equals + 1);
    }
    return fields;
}

/// The file that an archive goes to, or standard output.
class ArchiveFile {
public:
    explicit ArchiveFile(const std::string& destination) {
        if (destination != "-") file_.emplace(destination, 0644);
        else if (isatty(STDOUT_FILENO) == 1) throw Error("an archive is not for a terminal").hint("redirect the output, or name a file with dest=");
    }
    int get() const { return file_ ? file_->get() : STDOUT_FILENO; }
    void finish() {
        if (file_) file_->finish();
    }

private:
    std::optional<OutputFile> file_;
};

void writeFiles(const FileTree& tree, const std::string& destination) {
    fs::create_directories(destination);
    const Fd folder = openFile(destination, O_RDONLY | O_DIRECTORY);
    Placer placer(folder.get(), std::nullopt, std::nullopt);
    for (const Selected& all : select(tree, ".", {false, {}, false}, "the image")) placer.copy(tree, all, "/");
}

void writeArchive(const Host& host, const FileTree& tree, const std::string& destination) {
    ArchiveFile file(destination);
    transfer(host, "pack", {{"as", "."}}, {.input = tree.root(), .output = file.get()});
    file.finish();
}

}  // namespace

void exportImage(Workshop& shop, const Snapshot& snapshot, const Image& image, const std::string& output) {
    Fields fields = fieldsOf(output);
    const std::string type = fields["type"], destination = fields["dest"];
    if (type == "cacheonly") return;
    if (type == "image" || type == "registry") {
        const std::string name = fields["name"].empty() && !image.references.empty() ? image.references.front() : fields["name"];
        if (!fields["name"].empty()) shop.images().tag(image.id, name);
        if (type == "image" && fields["push"] != "true") return;
        if (name.empty()) throw Error::of("the output {} needs a name to push to", output).hint("add name=REGISTRY/NAME or -t");
        shop.images().push(name, [](const std::string&, const std::string&, std::uint64_t, std::uint64_t) {});
        return;
    }
    if (type == "docker" && destination.empty()) return;
    if (type != "oci" && type != "docker" && type != "local" && type != "tar")
        throw Error::of("the output type {} is not known", type.empty() ? output : type).hint("local, tar, oci, docker, image, registry and cacheonly are");
    if (destination.empty()) throw Error::of("the output {} needs dest=PATH", output);
    if (type == "local") return writeFiles(shop.files(snapshot), destination);
    if (type == "tar") return writeArchive(shop.host(), shop.files(snapshot), destination);
    if (fields["tar"] == "false") return writeLayout(shop.host(), shop.images(), image, destination);
    ArchiveFile file(destination);
    shop.images().save({image.references.empty() ? image.id : image.references.front()}, file.get());
    file.finish();
}

}  // namespace devc::engine::build
