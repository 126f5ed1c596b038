#include "engine/transfer/verbs.h"

#include <fcntl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/json.h"
#include "engine/transfer/image.h"

namespace devc::engine::transfer {

namespace {

nlohmann::json readRequest() {
    return parseJson(readFile("/proc/self/fd/" + std::to_string(requestDescriptor)), "the request");
}

}  // namespace

void runVerb(std::string_view verb, Channel& channel) {
    nlohmann::json request = readRequest();
    Limits limits = Limits::fromEnvironment();
    Store store(request.at("state").get<std::string>());
    if (verb == "import") return channel.result(toJson(importLayer(STDIN_FILENO, store, limits)));
    if (verb == "layer") {
        return channel.result(toJson(adoptFolder(request.at("folder").get<std::string>(), request.at("parent").get<std::string>(), store)));
    }
    TransferContext context{request, store, limits, channel};
    if (verb == "pull") return channel.result(pull(context));
    if (verb == "push") return channel.result(push(context));
    if (verb == "load") return channel.result(load(context, STDIN_FILENO));
    if (verb == "save") return channel.result(save(context, STDOUT_FILENO));
    throw Error::of("devc-transfer does not know '{}'", verb);
}

}  // namespace devc::engine::transfer
