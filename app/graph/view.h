#pragma once
#include <string>
#include <vector>

#include "compose/model/project.h"

namespace devc::app {

/// A service waits for another.
struct GraphEdge {
    std::string on;
    std::string condition;  ///< "started", "healthy", "completed"
    bool required = true;
    bool restart = false;
};

/// What a picture of a project says of a service.
struct GraphService {
    std::string name, image;  ///< image: reference, or "build: FOLDER"
    int layer = 0;            ///< 0: waits for nobody; else one more than the highest that it waits for
    std::vector<GraphEdge> dependencies;
    std::vector<std::string> networks;  ///< keys; "host" and the like where it has none of the project's
    std::vector<std::string> volumes;   ///< "data:/var/lib/data", "./src:/app:ro"
    std::vector<std::string> ports;     ///< "127.0.0.1:8080->80/tcp"
};

struct ProjectGraph {
    std::string name;
    std::vector<GraphService> services;  ///< in the order of starting; those of a layer by name
    std::vector<std::string> networks, volumes;  ///< keys, sorted
};

/// Pure.
ProjectGraph graphOf(const compose::Project& project);

std::string graphAsText(const ProjectGraph& graph);
std::string graphAsDot(const ProjectGraph& graph);  ///< Graphviz
std::string graphAsJson(const ProjectGraph& graph);
/// A picture of its own: a column a layer, from left to right in the order of starting; a box a service.
std::string graphAsSvg(const ProjectGraph& graph);

}  // namespace devc::app
