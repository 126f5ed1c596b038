#include "compose/load.h"

#include <algorithm>

#include <fmt/format.h>

#include "compose/consistency.h"
#include "compose/document.h"
#include "compose/environment.h"
#include "compose/finish.h"
#include "compose/graph.h"
#include "compose/hash.h"
#include "compose/interpolate.h"
#include "compose/merge.h"
#include "compose/model/from_tree.h"
#include "compose/normalize.h"
#include "compose/paths.h"
#include "compose/render/json.h"
#include "compose/schema/check.h"
#include "compose/services_environment.h"

namespace devc::compose {
namespace {

/// The document with the files that its positions point to.
struct Loaded {
    Sources sources;
    Node document;
};

DocumentReader::Options readerOptions(const LoadRequest& request) {
    DocumentReader::Options options;
    options.interpolate = request.interpolate;
    options.resolvePaths = request.resolvePaths;
    auto home = request.environment.find("HOME");
    if (home != request.environment.end()) options.home = home->second;
    options.warn = request.warn;
    options.remote = request.remote;
    return options;
}

/// The last `name:` of the files, with variables replaced and made a valid name.
std::string nameInFiles(const Surroundings& around, DocumentReader& reader, bool interpolated) {
    std::string name;
    for (const std::string& file : around.files) {
        for (const Node& document : reader.documents(file)) {
            const Node* found = document.isMap() ? document.find("name") : nullptr;
            if (!found || !found->isString()) continue;
            std::string text = found->text;
            try {
                auto lookup = [&](std::string_view key) -> std::optional<std::string> {
                    auto value = around.environment.find(std::string(key));
                    return value == around.environment.end() ? std::nullopt : std::optional<std::string>(value->second);
                };
                if (interpolated) text = interpolate(text, lookup);
            } catch (const InterpolationError& error) {
                throw LoadError({diagnose(found->at, "error while interpolating name: " + error.message)});
            }
            if (text.empty() && !found->text.empty()) throw LoadError({diagnose(found->at, "project name must not be empty", "the variable in it has no value")});
            if (!text.empty()) name = normalizeProjectName(text);
        }
    }
    return name;
}

std::string nameOf(const Surroundings& around, DocumentReader& reader, bool interpolated) {
    if (!around.projectName.empty()) return around.projectName;
    std::string name = nameInFiles(around, reader, interpolated);
    return name.empty() ? normalizeProjectName(baseName(around.workingDir)) : name;
}

void requireFiles(const Surroundings& around) {
    if (around.files.empty()) throw LoadError("no configuration file provided: not found", "create a compose.yaml, or name a file with -f");
}

bool isEnabled(const Service& service, const StringList& profiles) {
    if (service.profiles.empty()) return true;
    // An empty name is active as long as no other is.
    static const StringList none = {""};
    const StringList& given = profiles.empty() ? none : profiles;
    return std::any_of(given.begin(), given.end(), [&](const std::string& active) {
        return active == "*" || std::find(service.profiles.begin(), service.profiles.end(), active) != service.profiles.end();
    });
}

/// Of what containers are made from; as Docker Compose's com.docker.compose.config-hash.
std::string hashOf(Node service) {
    for (std::string_view key : {"build", "pull_policy", "scale", "depends_on", "profiles"}) service.erase(key);
    if (Node* deploy = service.find("deploy")) deploy->erase("replicas");
    return sha256Hex(toJson(service, &schema::service, 0));
}

void addServices(Project& project, const Node& document, const StringList& profiles) {
    const Node* services = document.find("services");
    if (!services) return;
    for (const Entry& entry : services->entries) {
        Service service = serviceFromTree(entry.key, entry.value);
        service.configHash = hashOf(entry.value);
        auto& group = isEnabled(service, profiles) ? project.services : project.disabledServices;
        group.emplace(entry.key, std::move(service));
    }
}

Node readDocument(const LoadRequest& request, Surroundings& around, const std::string& name, DocumentReader& reader) {
    around.environment["COMPOSE_PROJECT_NAME"] = name;
    Node document = reader.read(around.files, {around.workingDir, around.environment});
    Problems problems;
    setDefaults(document);
    validate(document, problems);
    problems.throwIfAny();
    if (request.resolvePaths) resolvePaths(document, schema::project, around.workingDir, readerOptions(request).home);
    addBareVariables(reader.budget(), document, around.environment);
    if (Node* services = document.find("services")) {
        for (Entry& entry : services->entries) resolveBareVariables(entry.value, around.environment);
    }
    if (name.empty()) throw LoadError("project name must not be empty", "give one with -p or `name:`");
    if (request.normalize) normalize(document, name, request.interpolate ? around.environment : StringMap{});
    return document;
}

/// `front:` without anything below is a network (volume, ...) with defaults.
void fillEmptyResources(Node& document) {
    for (std::string_view section : {"networks", "volumes", "configs", "secrets", "models"}) {
        Node* resources = document.find(section);
        if (!resources) continue;
        for (Entry& entry : resources->entries) {
            if (entry.value.isNull()) entry.value = Node::map(entry.at);
        }
    }
}

/// A service with `deploy` has its `scale` there too.
void fillReplicas(Node& document) {
    Node* services = document.find("services");
    if (!services) return;
    for (Entry& entry : services->entries) {
        const Node* scale = entry.value.find("scale");
        Node* deploy = entry.value.find("deploy");
        if (scale && deploy && deploy->isMap() && !deploy->find("replicas")) deploy->set("replicas", *scale);
    }
}

/// Services named on the command line bring their profiles.
StringList profilesFor(const Node& document, StringList profiles, const StringList& named) {
    const Node* services = document.find("services");
    for (const std::string& name : named) {
        const Node* service = services ? services->find(name) : nullptr;
        const Node* own = service ? service->find("profiles") : nullptr;
        if (!own || std::find(profiles.begin(), profiles.end(), "*") != profiles.end()) continue;
        for (const Entry& entry : own->entries) profiles.push_back(entry.value.scalarText());
    }
    return profiles;
}

Project loadWith(const LoadRequest& request, const StringList& named) {
    auto loaded = std::make_shared<Loaded>();
    Surroundings around = lookAround(request, loaded->sources);
    requireFiles(around);
    Project project;
    project.workingDir = around.workingDir;
    project.files = around.files;
    DocumentReader reader(loaded->sources, readerOptions(request));
    project.name = nameOf(around, reader, request.interpolate);
    loaded->document = readDocument(request, around, project.name, reader);
    reader.forgetFiles();
    project.environment = around.environment;
    project.document = std::shared_ptr<const Node>(loaded, &loaded->document);
    project.raw = !request.interpolate;
    if (project.raw && !request.typed) return project;

    loaded->document.set("name", Node::string(project.name));
    fillEmptyResources(loaded->document);
    if (request.checkConsistency) fillReplicas(loaded->document);
    Problems problems;
    finish(loaded->document, schema::project, {}, problems);
    problems.throwIfAny();
    project.activeProfiles = around.profiles;
    project.allResources = request.allResources;
    StringList profiles = profilesFor(loaded->document, around.profiles, named);
    auto enabled = [&](const Node& service) { return isEnabled(serviceFromTree({}, service), profiles); };
    resolveServicesFiles(loaded->document, around.environment, request.resolveEnvironment, loaded->sources, enabled, reader.unset());
    resourcesFromTree(project, loaded->document);
    addServices(project, loaded->document, project.activeProfiles);
    if (request.checkConsistency) checkConsistency(project, problems);
    problems.throwIfAny();
    return project;
}

}  // namespace

Project load(const LoadRequest& request) { return select(loadWith(request, {}), {}); }

Project loadSelected(const LoadRequest& request, const StringList& services) {
    Project project = loadWith(request, services);
    return project.raw && !request.typed ? project : select(std::move(project), services);
}

StringMap environmentOf(const LoadRequest& request) {
    Sources sources;
    Surroundings around = lookAround(request, sources);
    DocumentReader reader(sources, readerOptions(request));
    std::string name = nameOf(around, reader, request.interpolate);
    around.environment.emplace("COMPOSE_PROJECT_NAME", name);
    return around.environment;
}

std::string projectNameOf(const LoadRequest& request) {
    Sources sources;
    Surroundings around = lookAround(request, sources);
    if (!around.projectName.empty()) return around.projectName;
    requireFiles(around);
    DocumentReader reader(sources, readerOptions(request));
    return nameOf(around, reader, true);
}

std::vector<Variable> variablesOf(const LoadRequest& request) {
    Sources sources;
    Surroundings around = lookAround(request, sources);
    requireFiles(around);
    LoadRequest plain = request;
    plain.interpolate = false;
    plain.warn = {};
    DocumentReader reader(sources, readerOptions(plain));
    Node document = reader.read(around.files, {around.workingDir, around.environment});
    document.erase("name");
    std::vector<Variable> found;
    auto visit = [&](auto&& self, const Node& node) -> void {
        if (node.isString()) collectVariables(node.text, found);
        for (const Entry& entry : node.entries) self(self, entry.value);
    };
    visit(visit, document);
    std::vector<Variable> distinct;
    for (Variable& variable : found) {
        auto same = [&](const Variable& other) { return other.name == variable.name; };
        auto known = std::find_if(distinct.begin(), distinct.end(), same);
        if (known == distinct.end()) distinct.push_back(std::move(variable));
    }
    return distinct;
}

std::string normalizeProjectName(std::string_view name) {
    std::string result;
    for (char c : name) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
        bool first = result.empty() && (c == '_' || c == '-');
        if (kept && !first) result += c;
    }
    return result;
}

}  // namespace devc::compose
