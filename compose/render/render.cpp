#include "compose/render/render.h"

#include "compose/render/json.h"
#include "compose/render/key_order.h"
#include "compose/render/yaml.h"
#include "compose/source/node.h"
#include "compose/source/utf8.h"

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
    std::string result;
    result.reserve(text.size());
    for (char c : text) {
        if (c == '$') result += '$';
        result += c;
    }
    text = std::move(result);
}

/// Those of texts that are printed as base64, where nobody would see them.
void doubleHiddenDollars(Node& node) {
    if (!isUtf8(node.text)) doubleDollars(node.text);
    for (Entry& entry : node.entries) {
        if (!isUtf8(entry.key)) doubleDollars(entry.key);
        doubleHiddenDollars(entry.value);
    }
}

/// What the project says otherwise than its document: images that were resolved, dependencies that a selection left out.
void applyProject(Node& document, const Project& project) {
    Node* services = document.find("services");
    if (!services) return;
    for (Entry& entry : services->entries) {
        auto service = project.services.find(entry.key);
        if (service == project.services.end()) continue;
        if (Node* image = entry.value.find("image")) image->text = service->second.image;
        if (Node* hooks = entry.value.find("pre_start")) {
            for (std::size_t i = 0; i < hooks->entries.size(); ++i) {
                if (Node* image = hooks->entries[i].value.find("image")) image->text = service->second.preStart[i].image;
            }
        }
        keepMembers(entry.value, "depends_on", service->second.dependsOn);
    }
}

}  // namespace

std::string render(const Project& project, const RenderOptions& options) {
    Node document = *project.document;
    if (project.raw) {
        sortAll(document);
        if (options.json) return toJson(document, nullptr, 2) + "\n";
        orderKeys(document, nullptr);
        return toYaml(document);
    }
    if (!document.find("services")) document.entries.insert(document.entries.begin() + (document.find("name") ? 1 : 0), {"services", {}, Node::map()});
    keepMembers(document, "services", project.services);
    keepMembers(document, "networks", project.networks);
    keepMembers(document, "volumes", project.volumes);
    keepMembers(document, "configs", project.configs);
    keepMembers(document, "secrets", project.secrets);
    keepMembers(document, "models", project.models);
    if (options.json) document.erase("models");  // as in Docker Compose's JSON
    applyProject(document, project);
    if (!options.json) orderKeys(document, &schema::project);
    if (options.escapeDollars && !options.json) doubleHiddenDollars(document);
    std::string text = options.json ? toJson(document, &schema::project, 2) + "\n" : toYaml(document);
    if (options.escapeDollars) doubleDollars(text);
    return text;
}

}  // namespace devc::compose
