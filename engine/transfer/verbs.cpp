#include "engine/transfer/verbs.h"

#include <fcntl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/json.h"
#include "engine/tar_header.h"
#include "engine/transfer/account.h"
#include "engine/transfer/artifact.h"
#include "engine/transfer/decompress.h"
#include "engine/transfer/download.h"
#include "engine/transfer/image.h"
#include "engine/transfer/layer_tar.h"
#include "engine/transfer/lookup.h"
#include "engine/transfer/unpack.h"

namespace devc::engine::transfer {

namespace {

nlohmann::json readRequest() {
    return parseJson(readFile("/proc/self/fd/" + std::to_string(requestDescriptor)), "the request");
}

nlohmann::json packTree(const nlohmann::json& request) {
    writeTree(STDIN_FILENO, request.at("as").get<std::string>(), [](std::string_view data) { writeAll(STDOUT_FILENO, data); });
    return nullptr;
}

nlohmann::json extractInto(const nlohmann::json& request, const Limits& limits) {
    TreeOptions options;
    if (const nlohmann::json& owner = request.at("owner"); owner.is_array()) options.owner.emplace(owner.at(0).get<uid_t>(), owner.at(1).get<gid_t>());
    options.devices = request.at("devices").get<bool>();
    options.specialModes = request.at("specialModes").get<bool>();
    FdSource input(STDIN_FILENO);
    PeekSource head(input);
    const std::unique_ptr<Source> plain = decompress(head, compressionOf(head.peek(16)), limits);
    PeekSource tar(*plain);
    if (request.value("probe", false) && !isTarHeader(tar.peek(tarHeaderSize))) return {{"archive", false}};
    extractTree(tar, STDOUT_FILENO, options, limits);
    return {{"archive", true}};
}

}  // namespace

void runVerb(std::string_view verb, Channel& channel) {
    nlohmann::json request = readRequest();
    Limits limits = Limits::fromEnvironment();
    if (verb == "pack") return channel.result(packTree(request));
    if (verb == "extract") return channel.result(extractInto(request, limits));
    const RegistrySettings registries = RegistrySettings::load();
    if (verb == "download") return channel.result(download(request, STDOUT_FILENO, limits, registries));
    if (verb == "login") return channel.result(login(request, limits, registries));
    if (verb == "logout") return channel.result(logout(request));
    if (verb == "resolve") return channel.result(resolve(request, limits, registries));
    if (verb == "fetch") return channel.result(fetchArtifact(request, limits, registries));
    if (verb == "publish") return channel.result(publishArtifact(request, limits, registries));
    if (verb == "search") return channel.result(search(request, limits, registries));
    Store store(request.at("state").get<std::string>());
    if (verb == "import") return channel.result(toJson(importLayer(STDIN_FILENO, store, limits)));
    if (verb == "layer") {
        const std::string folder = request.at("folder").get<std::string>(), parent = request.at("parent").get<std::string>();
        const bool copy = request.value("copy", false);
        return channel.result(toJson(copy ? copyFolder(folder, parent, store, limits) : adoptFolder(folder, parent, store)));
    }
    TransferContext context{request, store, limits, registries, channel};
    if (verb == "pull") return channel.result(pull(context));
    if (verb == "push") return channel.result(push(context));
    if (verb == "load") return channel.result(load(context, STDIN_FILENO));
    if (verb == "save") return channel.result(save(context, STDOUT_FILENO));
    throw Error::of("devc-transfer does not know '{}'", verb);
}

}  // namespace devc::engine::transfer
