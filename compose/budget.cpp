#include "compose/budget.h"

#include <fmt/format.h>

#include "compose/problems.h"
#include "compose/source/node.h"

namespace devc::compose {

void Budget::addValues(std::size_t count, Position at) {
    values_ += count;
    if (values_ <= mostValues) return;
    throw LoadError({diagnose(at, fmt::format("the project is too large: more than {} values", mostValues),
                              "values that extends, include, env_file and port ranges copy are counted as often as they are copied")});
}

void Budget::addBytes(std::size_t count, Position at) {
    bytes_ += count;
    if (bytes_ <= mostBytes) return;
    throw LoadError({diagnose(at, fmt::format("the project is too large: variables put in more than {} MiB of text", mostBytes >> 20U))});
}

namespace {

void addVariable(Budget& budget, const StringMap& variables, const std::string& name, Position at) {
    auto found = variables.find(name);
    if (found != variables.end()) budget.addBytes(found->second.size(), at);
}

void addNames(Budget& budget, const Node* names, const StringMap& variables) {
    if (!names) return;
    for (const Entry& entry : names->entries) {
        if (names->isMap() && entry.value.isNull()) addVariable(budget, variables, entry.key, entry.at);
        if (names->isList()) addVariable(budget, variables, entry.value.text, entry.at);
    }
}

}  // namespace

std::size_t countValues(const Node& node) {
    std::size_t count = 1;
    for (const Entry& entry : node.entries) count += countValues(entry.value);
    return count;
}

void addBareVariables(Budget& budget, const Node& document, const StringMap& variables) {
    if (const Node* services = document.find("services")) {
        for (const Entry& service : services->entries) {
            addNames(budget, service.value.find("environment"), variables);
            const Node* build = service.value.find("build");
            if (build) addNames(budget, build->find("args"), variables);
        }
    }
    for (const char* section : {"secrets", "configs"}) {
        const Node* objects = document.find(section);
        if (!objects) continue;
        for (const Entry& object : objects->entries) {
            if (const Node* name = object.value.find("environment")) addVariable(budget, variables, name->text, object.at);
        }
    }
}

}  // namespace devc::compose
