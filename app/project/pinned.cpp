#include "app/project/pinned.h"

#include <map>
#include <vector>

#include "app/project/scheduler.h"
#include "compose/render/json.h"
#include "compose/render/yaml.h"
#include "compose/schema/schema.h"
#include "compose/source/node.h"
#include "engine/image/registries.h"

namespace devc::app {

namespace {
constexpr unsigned parallelQuestions = 4;
}

compose::Project withPinnedImages(const engine::Host& host, compose::Project project) {
    std::map<std::string, std::string> pinned;
    for (const auto& [name, service] : project.services) {
        if (!service.image.empty()) pinned[service.image];
        for (const std::string& image : service.preStartImages()) pinned[image];
    }
    std::vector<std::pair<const std::string, std::string>*> questions;
    for (auto& question : pinned) questions.push_back(&question);
    runTasks(std::vector<Task>(questions.size()), parallelQuestions,
             [&](std::size_t i) { questions[i]->second = engine::resolveDigest(host, questions[i]->first); });
    for (auto& [name, service] : project.services) {
        for (compose::Hook& hook : service.preStart)
            if (!hook.image.empty()) hook.image = pinned.at(hook.image);
        if (!service.image.empty()) service.image = pinned.at(service.image);
    }
    return project;
}

std::string imagesOverride(const compose::Project& project, bool json) {
    using compose::Node;
    Node document = Node::map(), services = Node::map();
    if (json) document.set("name", Node::string(""));
    for (const auto& [name, service] : project.services) {
        Node one = Node::map();
        if (!service.image.empty()) one.set("image", Node::string(service.image));
        services.set(name, std::move(one));
    }
    document.set("services", std::move(services));
    return json ? compose::toJson(document, &compose::schema::project, 2) + "\n" : compose::toYaml(document);
}

}  // namespace devc::app
