#include "engine/launch/exec_request.h"

#include <nlohmann/json.hpp>

#include "engine/error.h"

namespace devc::engine {

using Json = nlohmann::json;

std::string encode(const ExecRequest& request) {
    const ExecSpec& spec = request.spec;
    Json json = {{"folder", request.folder}, {"command", spec.command}, {"environment", spec.environment},
                 {"workingDir", spec.workingDir}, {"user", spec.user}, {"tty", spec.tty}, {"privileged", spec.privileged},
                 {"detach", spec.detach}, {"interactive", spec.interactive}, {"detachKeys", spec.detachKeys},
                 {"rows", request.rows}, {"columns", request.columns}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

ExecRequest decodeExecRequest(std::string_view text) {
    try {
        Json json = Json::parse(text);
        ExecRequest request;
        json.at("folder").get_to(request.folder);
        json.at("command").get_to(request.spec.command);
        json.at("environment").get_to(request.spec.environment);
        json.at("workingDir").get_to(request.spec.workingDir);
        json.at("user").get_to(request.spec.user);
        json.at("tty").get_to(request.spec.tty);
        json.at("privileged").get_to(request.spec.privileged);
        json.at("detach").get_to(request.spec.detach);
        json.at("interactive").get_to(request.spec.interactive);
        json.at("detachKeys").get_to(request.spec.detachKeys);
        json.at("rows").get_to(request.rows);
        json.at("columns").get_to(request.columns);
        return request;
    } catch (const Json::exception& error) {
        throw Error::of("the request to run a program cannot be read: {}", error.what());
    }
}

}  // namespace devc::engine
