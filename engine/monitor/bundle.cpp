#include <algorithm>

#include <nlohmann/json.hpp>

#include "engine/monitor/oci_runtime.h"
#include "engine/monitor/program.h"

namespace devc::engine {

using Json = nlohmann::json;

namespace {

constexpr const char* initTarget = "/dev/devc-init";

/// The groups of the user but for the own one, each once.
std::vector<gid_t> supplementary(const ContainerUser& user) {
    std::vector<gid_t> groups;
    for (gid_t group : user.groups)
        if (std::find(groups.begin(), groups.end(), group) == groups.end()) groups.push_back(group);
    return groups;
}

void addInit(Json& config, const std::string& program) {
    config["mounts"].push_back({{"destination", initTarget}, {"type", "bind"}, {"source", program}, {"options", {"bind", "ro", "nosuid", "nodev"}}});
    Json arguments = Json::array({initTarget, "init"});
    for (const Json& argument : config["process"]["args"]) arguments.push_back(argument);
    config["process"]["args"] = std::move(arguments);
}

}  // namespace

std::string bundleConfig(const std::string& text, const BundleChanges& changes) {
    Json config = Json::parse(text);
    config["root"]["path"] = changes.root;
    Json& process = config["process"];
    process["user"] = {{"uid", changes.user.uid}, {"gid", changes.user.gid}, {"additionalGids", supplementary(changes.user)}};
    auto environment = process.value("env", std::vector<std::string>());
    addHome(environment, changes.user.home);
    process["env"] = environment;
    if (changes.rows && changes.columns) process["consoleSize"] = {{"height", changes.rows}, {"width", changes.columns}};
    if (!changes.initProgram.empty()) addInit(config, changes.initProgram);
    Json& system = config["linux"];
    system["cgroupsPath"] = changes.cgroup;
    // The other limits are in force already.
    system["resources"] = {{"devices", system["resources"].value("devices", Json::array())}};
    for (Json& space : system["namespaces"])
        if (space["type"] == "network" && !changes.networkNamespace.empty()) space["path"] = changes.networkNamespace;
    return config.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Error runtimeFailure(const std::string& program, const std::string& log) {
    std::string said;
    for (size_t begin = 0; begin < log.size();) {
        size_t end = std::min(log.find('\n', begin), log.size());
        Json entry = Json::parse(log.substr(begin, end - begin), nullptr, false);
        if (entry.is_object() && entry.value("level", "error") == "error" && entry.contains("msg") && entry["msg"].is_string()) said = entry["msg"];
        begin = end + 1;
    }
    Error error = Error::of("OCI runtime create failed: {}: {}", program, said.empty() ? "it ended without saying why" : said);
    auto mentions = [&](const char* words) { return said.find(words) != std::string::npos; };
    if (mentions("executable file not found") || mentions("no such file or directory")) return error.status(127);
    if (mentions("permission denied") || mentions("exec format error") || mentions("is a directory")) return error.status(126);
    return error.status(125);
}

}  // namespace devc::engine
