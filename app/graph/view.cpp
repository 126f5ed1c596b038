#include "app/graph/view.h"

#include <filesystem>

#include <fmt/format.h>

#include "compose/graph.h"

namespace devc::app {
namespace {

const char* wordOf(compose::Condition condition) {
    switch (condition) {
        case compose::Condition::Started: return "started";
        case compose::Condition::Healthy: return "healthy";
        case compose::Condition::CompletedSuccessfully: return "completed";
    }
    return "";
}

std::string portText(const compose::Port& port) {
    std::string host;
    if (!port.hostIp.empty()) host = (port.hostIp.find(':') == std::string::npos ? port.hostIp : "[" + port.hostIp + "]") + ":";
    if (port.publishedFirst == 0) host += "*";
    else if (port.publishedFirst == port.publishedLast) host += std::to_string(port.publishedFirst);
    else host += fmt::format("{}-{}", port.publishedFirst, port.publishedLast);
    return fmt::format("{}->{}/{}", host, port.target, port.protocol);
}

/// A path below the project's folder as the user would write it.
std::string pathText(const std::string& path, const std::string& base) {
    const std::filesystem::path relative = std::filesystem::path(path).lexically_relative(base);
    if (relative.empty() || relative.begin()->string() == "..") return path;
    return relative == "." ? "." : "./" + relative.string();
}

std::string mountText(const compose::Mount& mount, const std::string& base) {
    const std::string end = mount.readOnly ? ":ro" : "";
    if (mount.type == compose::MountType::Tmpfs) return "tmpfs:" + mount.target;
    if (mount.source.empty()) return mount.target + end;
    const bool isPath = mount.type == compose::MountType::Bind;
    return (isPath ? pathText(mount.source, base) : mount.source) + ":" + mount.target + end;
}

GraphService serviceOf(const compose::Project& project, const compose::Service& service, int layer) {
    GraphService result;
    result.name = service.name;
    result.layer = layer;
    result.image = service.image.empty() && service.build ? "build: " + pathText(service.build->context, project.workingDir) : service.image;
    for (const auto& [name, dependency] : service.dependsOn)
        result.dependencies.push_back({name, wordOf(dependency.condition), dependency.required, dependency.restart});
    result.networks = service.networksByPriority();
    if (result.networks.empty() && !service.networkMode.empty()) result.networks.push_back(service.networkMode);
    for (const compose::Mount& mount : service.mounts) result.volumes.push_back(mountText(mount, project.workingDir));
    for (const std::string& tmpfs : service.tmpfs) result.volumes.push_back("tmpfs:" + tmpfs.substr(0, tmpfs.find(':')));
    for (const compose::Port& port : service.ports) result.ports.push_back(portText(port));
    return result;
}

}  // namespace

ProjectGraph graphOf(const compose::Project& project) {
    ProjectGraph graph;
    graph.name = project.name;
    int layer = 0;
    for (const compose::StringList& wave : compose::Graph(project).waves()) {
        for (const std::string& name : wave) graph.services.push_back(serviceOf(project, project.services.at(name), layer));
        ++layer;
    }
    for (const auto& [key, network] : project.networks) graph.networks.push_back(key);
    for (const auto& [key, volume] : project.volumes) graph.volumes.push_back(key);
    return graph;
}

}  // namespace devc::app
