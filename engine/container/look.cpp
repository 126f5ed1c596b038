// What can be seen of containers from outside: their files, what they changed, processes and what they use.
#include <fcntl.h>

#include <nlohmann/json.hpp>

#include "engine/container/commit.h"
#include "engine/container/containers.h"
#include "engine/container/diff.h"
#include "engine/container/oci_config.h"
#include "engine/container/preparation.h"
#include "engine/container/records.h"
#include "engine/container/root.h"
#include "engine/container/top.h"
#include "engine/error.h"
#include "engine/event/events.h"
#include "engine/image/image_config.h"
#include "engine/image/images.h"
#include "engine/json.h"
#include "engine/launch/stillness.h"
#include "engine/linux/cgroup.h"
#include "engine/linux/mount.h"
#include "engine/timestamp.h"

namespace devc::engine {

namespace {

using nlohmann::json;

/// Where something is mounted in the container, as its last start had it.
std::set<std::string> mountPoints(const Host& host, const std::string& id) {
    std::set<std::string> places;
    std::error_code missing;
    const auto path = host.containerDir(id) / "config.json";
    if (!std::filesystem::exists(path, missing)) return places;
    const json config = parseJson(readFile(path.string()), "the container's configuration");
    for (const json& mount : config.at("mounts"))
        places.insert(mount.at("destination").get<std::string>());
    return places;
}

/// The image's configuration with what the container was created with, as docker's commit has it.
json committedConfig(const json& base, const Record& record, const ImageConfig& image, const CommitRequest& request) {
    json config = base;
    json& part = config["config"];
    if (!part.is_object()) part = json::object();
    const ContainerSpec& spec = record.spec;
    if (spec.entrypoint) {
        part["Entrypoint"] = *spec.entrypoint;
        part["Cmd"] = nullptr;
    }
    if (spec.command) part["Cmd"] = *spec.command;
    std::vector<std::string> environment = environmentOf(spec, image, "");
    std::erase_if(environment, [](const std::string& entry) { return entry.starts_with("HOSTNAME=") || entry == "TERM=xterm"; });
    part["Env"] = environment;
    if (!spec.workingDir.empty()) part["WorkingDir"] = spec.workingDir;
    if (!spec.user.empty()) part["User"] = spec.user;
    if (!spec.stopSignal.empty()) part["StopSignal"] = spec.stopSignal;
    for (const auto& [key, value] : spec.labels) part["Labels"][key] = value;
    for (const std::string& port : spec.exposed) part["ExposedPorts"][port] = json::object();
    config["created"] = timestampNow();
    if (!request.author.empty()) config["author"] = request.author;
    applyChanges(config, request.changes);
    json step = {{"created", config["created"]}, {"created_by", fmt::format("{}", fmt::join(record.arguments, " "))}};
    if (!request.author.empty()) step["author"] = request.author;
    if (!request.message.empty()) step["comment"] = request.message;
    config["history"].push_back(step);
    return config;
}

}  // namespace

ContainerRoot Containers::openRoot(const std::string& given, bool bare) const {
    const Records records(database_);
    const Surroundings around{host_, records, images_, networks_, volumes_};
    const Record record = records.find(given);
    return bare ? ContainerRoot::openBare(around, record) : ContainerRoot::open(around, record);
}

std::vector<FileSpec> Containers::configsAndSecrets(const Container& container) const {
    return readFiles(host_, container.id, container.spec.files);
}

std::vector<FileChange> Containers::changes(const std::string& given) const {
    const Record record = Records(database_).find(given);
    OverlayLayers below;
    for (const auto& folder : images_.lowerFolders(images_.get(record.spec.imageId))) below.lowers.push_back(folder.string());
    Fd lower;
    // An overlay is of two layers at least.
    if (below.lowers.size() == 1) lower = openFile(below.lowers.front(), O_RDONLY | O_DIRECTORY);
    if (below.lowers.size() > 1) lower = Fd(openInRoot(mountOverlay(below).get(), ".", O_RDONLY | O_DIRECTORY));
    return layerChanges(host_.containerDir(record.id) / "upper", lower.get(), mountPoints(host_, record.id));
}

Image Containers::commit(const std::string& given, const CommitRequest& request) {
    const Record record = Records(database_).find(given);
    const Image base = images_.get(record.spec.imageId);
    if (!request.reference.empty()) Reference::parse(request.reference);
    const json config = committedConfig(images_.configJson(base), record, base.config, request);
    std::vector<NewLayer> layers = images_.layersOf(base);
    std::optional<Stillness> still;
    if (request.pause && readState(host_, record.id).status == Status::Running) still.emplace(host_, record.id);
    layers.push_back(images_.copyLayer(host_.containerDir(record.id) / "upper", base.chainIds.empty() ? "" : base.chainIds.back()));
    still.reset();
    Image image = images_.addImage(config, layers, request.reference);
    emit("commit", record, {{"imageID", image.id}, {"imageRef", request.reference}});
    return image;
}

ProcessTable Containers::top(const std::string& given, const std::vector<std::string>& options) const {
    const Record record = Records(database_).find(given);
    const ContainerState state = readState(host_, record.id);
    if (state.pid == 0) throw Conflict(fmt::format("container {} is not running", record.id));
    return processTable(Cgroup::of(state.pid, record.id)->processes(), options);
}

}  // namespace devc::engine
