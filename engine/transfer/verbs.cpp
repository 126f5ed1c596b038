#include "engine/transfer/verbs.h"

#include <fcntl.h>
#include <optional>
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
#include "engine/transfer/registry.h"
#include "engine/transfer/sandbox.h"
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

/// Credentials are asked for before anything else: afterwards no program can be started, and no file of the user's read.
RegistrySettings settingsFor(const VerbTerms& terms, const nlohmann::json& request) {
    if (!terms.network && !terms.programs) return {};
    RegistrySettings settings = RegistrySettings::load();
    if (!terms.programs && request.contains("domain"))
        for (const Endpoint& endpoint : endpointsFor(request["domain"], settings)) settings.credentials.emplace(endpoint.domain, keptCredentials(endpoint.domain));
    return settings;
}

nlohmann::json makeLayer(const nlohmann::json& request, Store& store, const Limits& limits) {
    const std::string folder = request.at("folder").get<std::string>(), parent = request.at("parent").get<std::string>();
    return toJson(request.value("copy", false) ? copyFolder(folder, parent, store, limits) : adoptFolder(folder, parent, store));
}

struct Work {
    const nlohmann::json& request;
    const Limits& limits;
    const RegistrySettings& registries;
    std::optional<Store>& store;
    Channel& channel;
};

nlohmann::json resultOf(std::string_view verb, const Work& work) {
    const auto& [request, limits, registries, store, channel] = work;
    if (verb == "pack") return packTree(request);
    if (verb == "extract") return extractInto(request, limits);
    if (verb == "download") return download(request, STDOUT_FILENO, limits, registries);
    if (verb == "login") return login(request, limits, registries);
    if (verb == "logout") return logout(request);
    if (verb == "resolve") return resolve(request, limits, registries);
    if (verb == "fetch") return fetchArtifact(request, limits, registries);
    if (verb == "publish") return publishArtifact(request, limits, registries);
    if (verb == "search") return search(request, limits, registries);
    if (verb == "import") return toJson(importLayer(STDIN_FILENO, *store, limits));
    if (verb == "layer") return makeLayer(request, *store, limits);
    const TransferContext context{request, *store, limits, registries, channel};
    if (verb == "pull") return pull(context);
    if (verb == "push") return push(context);
    return verb == "load" ? load(context, STDIN_FILENO) : save(context, STDOUT_FILENO);
}

}  // namespace

void runVerb(std::string_view verb, Channel& channel) {
    const VerbTerms& terms = termsOf(verb);
    const nlohmann::json request = readRequest();
    const Limits limits = Limits::fromEnvironment();
    const RegistrySettings registries = settingsFor(terms, request);
    leaveDevices(terms);
    std::optional<Store> store;
    if (terms.store) store.emplace(request.at("state").get<std::string>());
    confine(terms, request, registries);
    channel.result(resultOf(verb, {request, limits, registries, store, channel}));
}

}  // namespace devc::engine::transfer
