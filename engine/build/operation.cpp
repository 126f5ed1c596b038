#include "engine/build/operation.h"

#include <nlohmann/json.hpp>

namespace devc::engine::build {

namespace {

nlohmann::json describe(const RunMount& mount) {
    nlohmann::json json = {{"kind", static_cast<int>(mount.kind)}, {"source", mount.source}, {"target", mount.target}, {"id", mount.id},
                           {"ro", mount.readOnly}, {"env", mount.environment}, {"size", mount.size}};
    if (mount.mode) json["mode"] = *mount.mode;
    if (mount.user) json["user"] = *mount.user;
    if (mount.group) json["group"] = *mount.group;
    return json;
}

}  // namespace

std::string Origin::label() const {
    if (!operation) return context.empty() ? "the build context" : "the context " + context;
    return operation->kind == Operation::Kind::Image ? "the image " + name : "stage " + name;
}

std::string Operation::definition() const {
    nlohmann::json json;
    switch (kind) {
        case Kind::Scratch: json = {{"scratch", true}}; break;
        case Kind::Image: json = {{"image", image.chainIds}}; break;
        case Kind::Run:
            json = {{"run", run.arguments}, {"env", run.environment}, {"cwd", run.workingDir}, {"user", run.user}, {"network", run.network},
                    {"script", run.script}, {"scriptName", run.scriptName}};
            if (run.insecure) json["insecure"] = true;
            for (const RunMount& mount : run.mounts) json["mounts"].push_back(describe(mount));
            break;
        case Kind::Copy:
            json = {{"copy", copy.sources}, {"to", copy.destination}, {"owner", copy.owner}, {"mode", copy.mode}, {"link", copy.link},
                    {"parents", copy.parents}, {"unpack", copy.unpack}, {"excludes", copy.excludes}, {"remote", copy.remote},
                    {"checksum", copy.checksum}, {"git", copy.keepGit}};
            for (const InlineFile& file : copy.documents) json["documents"].push_back({file.name, file.content});
            break;
        case Kind::Folder: json = {{"folder", folder}, {"user", user}}; break;
    }
    // Not as text: that would lose what is not UTF-8, and two operations would be taken for one.
    const std::vector<std::uint8_t> bytes = nlohmann::json::to_cbor(json);
    return {bytes.begin(), bytes.end()};
}

}  // namespace devc::engine::build
