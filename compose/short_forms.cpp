#include "compose/short_forms.h"

#include <unordered_set>

#include <fmt/format.h>

namespace devc::compose {
namespace {

using schema::Form;
using schema::Shape;

/// That the ranges of one document may stand for.
constexpr std::size_t mostPorts = 100'000;

Node wrap(Node& node, std::string_view key) {
    Node map = Node::map(node.at);
    map.tag = node.tag;
    node.tag = Tag::None;
    map.set(key, std::move(node));
    return map;
}

Node listOf(Node& node) {
    Node list = Node::list(node.at);
    list.tag = node.tag;
    node.tag = Tag::None;
    list.push(std::move(node));
    return list;
}

Node startedDependency(Position at) {
    Node dependency = Node::map(at);
    dependency.set("condition", Node::string("service_started", at));
    dependency.set("required", Node::boolean(true, at));
    return dependency;
}

/// [a, b] -> {a: value, b: value}
void namesToMap(Node& node, bool dependencies) {
    if (!node.isList()) return;
    Node map = Node::map(node.at);
    map.tag = node.tag;
    std::unordered_set<std::string> names;
    for (Entry& entry : node.entries) {
        std::string name = entry.value.scalarText();
        if (!names.insert(name).second) continue;
        map.entries.push_back({name, entry.at, dependencies ? startedDependency(entry.at) : Node::null(entry.at)});
    }
    node = std::move(map);
}

constexpr const char* portForms = "ports are [IP:][HOST:]CONTAINER[/PROTOCOL], numbers or ranges from 1 to 65535";

void expandPorts(Node& node, bool lenient, const std::string& path, Problems& problems, std::size_t& ports) {
    if (!node.isList() || ports > mostPorts) return;
    Node expanded = Node::list(node.at);
    expanded.tag = node.tag;
    for (std::size_t i = 0; i < node.entries.size(); ++i) {
        Node& item = node.entries[i].value;
        if (item.kind == Kind::Integer || item.kind == Kind::String) {
            try {
                std::vector<Node> range = expandPort(item.scalarText(), item.at);
                ports += range.size();
                if (ports > mostPorts) {
                    problems.add(item.at, fmt::format("{}.{}: all ranges together have more than {} ports", path, i, mostPorts));
                    return;
                }
                for (Node& port : range) expanded.push(std::move(port));
            } catch (const ShortFormError& error) {
                if (lenient) return;
                problems.add(item.at, fmt::format("{}.{}: {}", path, i, error.message), portForms);
            }
            continue;
        }
        if (item.isMap()) {
            if (!item.find("mode")) item.set("mode", Node::string("ingress", item.at));
            if (!item.find("protocol")) item.set("protocol", Node::string("tcp", item.at));
            if (!item.find("target")) problems.add(item.at, fmt::format("service ports {}.[{}] is missing a target port", path, i));
        } else if (!lenient) {
            problems.add(item.at, fmt::format("{}.{}: {} is no port", path, i, item.scalarText()), portForms);
        }
        expanded.push(std::move(item));
    }
    node = std::move(expanded);
}

void expandMount(Node& node, Form form, bool lenient, const std::string& path, Problems& problems) {
    if (node.isString()) {
        try {
            Node mount = form == Form::VolumeMount ? expandVolume(node.text, node.at) : expandDevice(node.text, node.at);
            mount.tag = node.tag;
            node = std::move(mount);
        } catch (const ShortFormError& error) {
            if (!lenient || form == Form::VolumeMount) problems.add(node.at, fmt::format("{}: {}", path, error.message));
        }
    } else if (node.isMap() && form == Form::VolumeMount) {
        if (Node* bind = node.find("bind"); bind && bind->isMap() && !bind->find("create_host_path")) {
            bind->set("create_host_path", Node::boolean(true, bind->at));
        }
        if (node.textOf("type") == "bind" && !node.find("source")) {
            problems.add(node.at, fmt::format("{}: a mount of type bind needs a source", path));
        }
    }
    if (!node.isMap() || node.find("target")) return;
    problems.add(node.at, fmt::format("{} {} is missing a mount target", form == Form::VolumeMount ? "service volume" : "service device", path));
}

void expandFileMount(Node& node, bool secret) {
    if (node.isString()) node = wrap(node, "source");
    if (!secret || !node.isMap() || node.find("target")) return;
    std::string source(node.textOf("source"));
    node.set("target", Node::string("/run/secrets/" + source, node.at));
}

/// [default, a=path] -> {default: null, a: path}
void expandSsh(Node& node, const std::string& path, Problems& problems) {
    if (!node.isList()) return;
    Node map = Node::map(node.at);
    map.tag = node.tag;
    for (const Entry& entry : node.entries) {
        std::string text = entry.value.scalarText();
        std::size_t equals = text.find('=');
        if (equals == std::string::npos && text != "default") {
            problems.add(entry.at, fmt::format("{}: invalid ssh key \"{}\"", path, text), "keys are `default` or ID=PATH");
            continue;
        }
        map.set(text.substr(0, equals), equals == std::string::npos ? Node::null(entry.at) : Node::string(text.substr(equals + 1), entry.at));
    }
    node = std::move(map);
}

/// [a=path] -> {a: path}
void expandContexts(Node& node, const std::string& path, Problems& problems) {
    Node map = Node::map(node.at);
    map.tag = node.tag;
    for (const Entry& entry : node.entries) {
        std::string text = entry.value.scalarText();
        std::size_t equals = node.isMap() ? 0 : text.find('=');
        if (equals == std::string::npos || (node.isMap() && entry.value.isNull())) {
            problems.add(entry.at, fmt::format("{}: invalid value {}, expected key=value", path, node.isMap() ? entry.key : text));
        } else {
            map.set(node.isMap() ? entry.key : text.substr(0, equals), Node::string(node.isMap() ? text : text.substr(equals + 1), entry.at));
        }
    }
    node = std::move(map);
}

/// external: {name: x} -> external: true, name: x
void expandExternal(Node& resource, const std::string& path, Problems& problems) {
    Node* external = resource.find("external");
    if (!external || !external->isMap()) return;
    Node* name = external->find("name");
    Position at = external->at;
    if (name) {
        Node copy = *name;
        const Node* mine = resource.find("name");
        if (mine && !(*mine == copy)) {
            problems.add(at, fmt::format("{}: name and external.name conflict; only use name", path));
        }
        *external = Node::boolean(true, at);
        resource.set("name", std::move(copy));
    } else {
        *external = Node::boolean(true, at);
    }
}

}  // namespace

bool isStructural(Form form) {
    switch (form) {
        case Form::StringAsList:
        case Form::NamedNull:
        case Form::Build:
        case Form::DependsOn:
        case Form::EnvFiles:
        case Form::Extends:
        case Form::Include: return true;
        default: return false;
    }
}

void expandStructure(Node& node, Form form) {
    switch (form) {
        case Form::StringAsList:
            if (node.isString()) node = listOf(node);
            break;
        case Form::NamedNull: namesToMap(node, false); break;
        case Form::Build:
            if (node.isString()) node = wrap(node, "context");
            break;
        case Form::DependsOn:
            namesToMap(node, true);
            break;
        case Form::EnvFiles:
            if (node.isString()) node = listOf(node);
            for (Entry& entry : node.entries) {
                if (entry.value.isString()) entry.value = wrap(entry.value, "path");
            }
            break;
        case Form::Extends:
            if (node.isString()) node = wrap(node, "service");
            break;
        case Form::Include:
            if (node.isString()) node = wrap(node, "path");
            break;
        default: break;
    }
}

namespace {

/// `ports`: how many ports ranges have become so far.
void expandEach(Node& node, const Shape& shape, const std::string& path, bool lenient, Problems& problems, std::size_t& ports) {
    if (node.tag == Tag::Reset) return;
    expandStructure(node, shape.form);
    switch (shape.form) {
        case Form::EnvFiles:
            for (Entry& entry : node.entries) {
                if (entry.value.isMap() && !entry.value.find("required")) entry.value.set("required", Node::boolean(true, entry.at));
            }
            break;
        case Form::Addresses:
            if (node.isString()) node = listOf(node);
            std::erase_if(node.entries, [](const Entry& entry) { return entry.value.isString() && entry.value.text.empty(); });
            break;
        case Form::Word:
            if (node.kind == Kind::Bool) node = Node::string(node.scalarText(), node.at);
            break;
        case Form::Contexts: expandContexts(node, path, problems); break;
        case Form::DependsOn:
            for (Entry& entry : node.entries) {
                if (entry.value.isMap() && !entry.value.find("required")) {
                    entry.value.set("required", Node::boolean(true, entry.at));
                }
            }
            break;
        case Form::Ports: expandPorts(node, lenient, path, problems, ports); break;
        case Form::VolumeMount:
        case Form::Device: expandMount(node, shape.form, lenient, path, problems); break;
        case Form::FileMount: expandFileMount(node, false); break;
        case Form::SecretMount: expandFileMount(node, true); break;
        case Form::Ssh: expandSsh(node, path, problems); break;
        case Form::Gpus:
            if (node.isString()) {
                Node request = wrap(node, "count");
                node = listOf(request);
            }
            break;
        case Form::DeviceRequest:
            if (node.isMap() && !node.find("count") && !node.find("device_ids")) {
                node.set("count", Node::string("all", node.at));
            }
            break;
        default: break;
    }
    if (node.isMap()) {
        for (Entry& entry : node.entries) {
            const schema::Attribute* attribute = shape.attribute(entry.key);
            const Shape* child = attribute ? &attribute->shape : shape.values;
            if (child) expandEach(entry.value, *child, path.empty() ? entry.key : path + "." + entry.key, lenient, problems, ports);
        }
        if (const schema::Attribute* external = shape.attribute("external"); external && external->shape.form == Form::External) {
            expandExternal(node, path, problems);
        }
    } else if (node.isList() && shape.items && shape.items->accepts != schema::accept::String) {
        for (std::size_t i = 0; i < node.entries.size(); ++i) {
            expandEach(node.entries[i].value, *shape.items, fmt::format("{}.[{}]", path, i), lenient, problems, ports);
        }
    }
}

}  // namespace

void expandAll(Node& node, const Shape& shape, const std::string& path, bool lenient, Problems& problems) {
    std::size_t ports = 0;
    expandEach(node, shape, path, lenient, problems, ports);
}

}  // namespace devc::compose
