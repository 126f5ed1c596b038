#include "compose/render/render.h"

#include "compose/render/json.h"
#include "compose/render/yaml.h"
#include "compose/source/node.h"

namespace devc::compose {
namespace {

/// The members of a section that the project still has.
template <typename Map>
void keepMembers(Node& document, std::string_view section, const Map& members) {
    Node* found = document.find(section);
    if (!found) return;
    std::erase_if(found->entries, [&](const Entry& entry) { return !members.contains(entry.key); });
    if (found->entries.empty() && section != "services") document.erase(section);
}

void sortAll(Node& node) {
    if (node.isMap()) node.sortKeys();
    for (Entry& entry : node.entries) sortAll(entry.value);
}

void doubleDollars(std::string& text) {
    for (std::size_t at = text.find('$'); at != std::string::npos; at = text.find('$', at + 2)) text.insert(at, 1, '$');
}

/// In the tree, not in what is printed: there base64 may hide them.
void doubleDollars(Node& node) {
    doubleDollars(node.text);
    for (Entry& entry : node.entries) {
        doubleDollars(entry.key);
        doubleDollars(entry.value);
    }
}

/// What the project has beside its document: images that were resolved, ...
void applyImages(Node& document, const Project& project) {
    Node* services = document.find("services");
    if (!services) return;
    for (Entry& entry : services->entries) {
        auto service = project.services.find(entry.key);
        Node* image = entry.value.find("image");
        if (service != project.services.end() && image && image->text != service->second.image) image->text = service->second.image;
    }
}

}  // namespace

std::string render(const Project& project, const RenderOptions& options) {
    Node document = *project.document;
    if (project.raw) {
        sortAll(document);
        return options.json ? toJson(document, nullptr, 2) + "\n" : toYaml(document);
    }
    if (!document.find("services")) document.entries.insert(document.entries.begin() + (document.find("name") ? 1 : 0), {"services", {}, Node::map()});
    keepMembers(document, "services", project.services);
    keepMembers(document, "networks", project.networks);
    keepMembers(document, "volumes", project.volumes);
    keepMembers(document, "configs", project.configs);
    keepMembers(document, "secrets", project.secrets);
    keepMembers(document, "models", project.models);
    if (options.json) document.erase("models");  // as in Docker Compose's JSON
    applyImages(document, project);
    if (options.escapeDollars) doubleDollars(document);
    return options.json ? toJson(document, &schema::project, 2) + "\n" : toYaml(document);
}

}  // namespace devc::compose
