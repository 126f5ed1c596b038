#include "compose/services_environment.h"

#include <map>

#include <fmt/format.h>

#include "compose/environment.h"
#include "compose/problems.h"
#include "compose/schema/schema.h"
#include "compose/source/dotenv.h"

namespace devc::compose {
namespace {

std::optional<std::string> valueIn(const StringMap& map, std::string_view name) {
    auto found = map.find(std::string(name));
    return found == map.end() ? std::nullopt : std::optional<std::string>(found->second);
}

class Resolver {
public:
    Resolver(const StringMap& environment, Sources& sources, const Unset& unset) : environment_(environment), sources_(sources), unset_(unset) {}

    void environment(const std::string& name, Node& node) {
        resolveBare(node);
        if (const Node* files = node.find("env_file")) {
            Values all = fromFiles(name, node, *files);
            node.erase("env_file");
            put(node, "environment", std::move(all));
        }
    }

    void labels(const std::string& name, Node& node) {
        if (const Node* files = node.find("label_file")) {
            Values all;
            for (const Entry& entry : files->entries) {
                const std::string& path = entry.value.text;
                if (path.empty() || !isRegularFile(path)) {
                    throw LoadError({diagnose(entry.value.at, fmt::format("services.{}: label file \"{}\" not found: no such file or directory", name, path), "create it")});
                }
                // The project's variables mean nothing here: only what an earlier line or file has set.
                merge(parseDotenv(readSource(path, sources_), [&](std::string_view key) { return textIn(all, key); }, unset_), entry.value.at, all);
            }
            put(node, "labels", std::move(all));
        }
    }

private:
    using Values = std::map<std::string, Node>;

    void resolveBare(Node& node) {
        Node* variables = node.find("environment");
        if (!variables) return;
        for (Entry& entry : variables->entries) {
            if (!entry.value.isNull()) continue;
            if (auto value = valueIn(environment_, entry.key)) entry.value = Node::string(*value, entry.value.at);
        }
    }

    Values fromFiles(const std::string& name, const Node& node, const Node& files) {
        Values all;
        for (const Entry& entry : files.entries) {
            const Node* required = entry.value.find("required");
            const Node* path = entry.value.find("path");  // an empty one is gone
            if (const Node* format = entry.value.find("format"); format && format->text != "raw") {
                throw LoadError({diagnose(format->at, fmt::format("services.{}: unsupported env_file format \"{}\"", name, format->text),
                                          "leave it out, or use raw")});
            }
            read(name, path ? path->at : entry.value.at, path ? path->text : "", !required || required->isTrue(), entry.value.textOf("format") == "raw", node, all);
        }
        return all;
    }

    /// Variables of a file are expanded with the project's environment, then the service's own, then the files before.
    void read(const std::string& name, Position at, const std::string& path, bool required, bool raw, const Node& node, Values& all) {
        if (path.empty() || !isRegularFile(path)) {
            if (!required) return;
            throw LoadError({diagnose(at, fmt::format("services.{}: env file \"{}\" not found: no such file or directory", name, path),
                                      "create it, or allow it to be absent with `required: false`")});
        }
        const Node* own = node.find("environment");
        Lookup lookup = [&](std::string_view key) -> std::optional<std::string> {
            if (auto value = valueIn(environment_, key)) return value;
            const Node* found = own ? own->find(key) : nullptr;
            return found && found->isString() ? std::optional<std::string>(found->text) : std::nullopt;
        };
        const Source& source = readSource(path, sources_);
        merge(raw ? parseRawEnvironment(source, lookup) : parseDotenv(source, lookup, unset_), at, all);
    }

    void merge(const StringMap& values, Position at, Values& all) {
        sources_.budget.addValues(values.size(), at);
        for (const auto& [key, value] : values) {
            sources_.budget.addBytes(value.size(), at);
            all[key] = Node::string(value, at);
        }
    }

    static std::optional<std::string> textIn(const Values& values, std::string_view key) {
        auto found = values.find(std::string(key));
        return found == values.end() ? std::nullopt : std::optional<std::string>(found->second.text);
    }

    /// `values` under what the service itself says.
    static void put(Node& node, std::string_view attribute, Values values) {
        if (const Node* own = node.find(attribute)) {
            for (const Entry& entry : own->entries) values[entry.key] = entry.value;
        }
        if (values.empty()) return;
        Node all = Node::map(values.begin()->second.at);
        for (auto& [key, value] : values) all.entries.push_back({key, value.at, std::move(value)});
        node.set(attribute, std::move(all));
    }

    const StringMap& environment_;
    Sources& sources_;
    const Unset& unset_;
};

/// Keeps the order of attributes after one was added at the end.
void restoreOrder(Node& service) {
    std::vector<Entry> ordered;
    ordered.reserve(service.entries.size());
    for (std::size_t i = 0; i < schema::service.attributeCount; ++i) {
        for (Entry& entry : service.entries) {
            if (entry.key == schema::service.attributes[i].name) ordered.push_back(std::move(entry));
        }
    }
    for (Entry& entry : service.entries) {
        if (!entry.key.empty() && !schema::service.attribute(entry.key)) ordered.push_back(std::move(entry));
    }
    service.entries = std::move(ordered);
}

}  // namespace

void resolveServicesFiles(Node& document, const StringMap& environment, bool variables, Sources& sources,
                          const std::function<bool(const Node&)>& enabled, const Unset& unset) {
    Node* services = document.find("services");
    if (!services) return;
    Resolver resolver(environment, sources, unset);
    for (Entry& entry : services->entries) {
        bool files = entry.value.find("env_file") || entry.value.find("label_file");
        try {
            if (variables) resolver.environment(entry.key, entry.value);
            resolver.labels(entry.key, entry.value);
        } catch (const LoadError&) {
            if (enabled(entry.value)) throw;
            entry.value.erase("env_file");
        }
        if (files) restoreOrder(entry.value);
    }
}

}  // namespace devc::compose
