#include "compose/short_forms.h"

#include <array>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "compose/paths.h"

namespace devc::compose {
namespace {

using schema::Form;
using schema::Shape;
using schema::Unique;

/// That the ranges of one document may stand for.
constexpr std::size_t mostPorts = 100'000;

bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool isFilePath(std::string_view source) {
    if (source.empty()) return false;
    if (source[0] == '.' || source[0] == '/' || source[0] == '~' || source.starts_with("\\\\")) return true;
    return source.size() > 1 && isLetter(source[0]) && source[1] == ':';
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        std::size_t end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

/// As split at ':', but "C:" at the start of a part is a Windows drive, and "${A:-b}" stays whole.
std::vector<std::string> volumeParts(std::string_view text) {
    std::vector<std::string> parts(1);
    int open = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '$' && text.substr(i + 1).starts_with('{')) ++open;
        if (c == '}' && open > 0) --open;
        bool drive = parts.back().size() == 1 && isLetter(parts.back()[0]);
        if (c == ':' && !drive && open == 0) {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    return parts;
}

void applyVolumeOption(Node& mount, std::string_view option, Position at) {
    static constexpr std::array<std::string_view, 6> propagations = {"rprivate", "private", "rshared", "shared", "rslave", "slave"};
    auto section = [&](std::string_view name) -> Node& {
        if (Node* found = mount.find(name)) return *found;
        return mount.set(name, Node::map(at));
    };
    if (option == "ro") {
        mount.set("read_only", Node::boolean(true, at));
    } else if (option == "rw") {
        mount.erase("read_only");
    } else if (option == "nocopy") {
        section("volume").set("nocopy", Node::boolean(true, at));
    } else if (option == "z" || option == "Z") {
        section("bind").set("selinux", Node::string(std::string(option), at));
    } else {
        for (std::string_view propagation : propagations) {
            if (option == propagation) section("bind").set("propagation", Node::string(std::string(option), at));
        }
    }
}

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

Node expandVolume(std::string_view text, Position at) {
    Node mount = Node::map(at);
    if (text.empty()) throw ShortFormError{"invalid empty volume spec"};
    if (text.size() <= 2) {
        mount.set("type", Node::string("volume", at));
        mount.set("target", Node::string(std::string(text), at));
        return mount;
    }
    std::vector<std::string> parts = volumeParts(text);
    for (const std::string& part : parts) {
        if (part.empty()) throw ShortFormError{fmt::format("invalid spec: {}: empty section between colons", text)};
    }
    if (parts.size() > 3) throw ShortFormError{fmt::format("invalid spec: {}: too many colons", text)};
    std::string source = parts.size() > 1 ? parts[0] : std::string();
    bool bind = isFilePath(source);
    mount.set("type", Node::string(bind ? "bind" : "volume", at));
    if (!source.empty()) mount.set("source", Node::string(source, at));
    mount.set("target", Node::string(joinPath({}, parts.size() > 1 ? parts[1] : parts[0]), at));
    if (parts.size() == 3) {
        for (std::string_view option : split(parts[2], ',')) applyVolumeOption(mount, option, at);
    }
    std::string_view section = bind ? "bind" : "volume";
    if (!mount.find(section)) mount.set(section, Node::map(at));
    if (bind) mount.find("bind")->set("create_host_path", Node::boolean(true, at));
    return mount;
}

Node expandDevice(std::string_view text, Position at) {
    std::vector<std::string_view> parts = split(text, ':');
    if (parts.size() > 3) throw ShortFormError{fmt::format("confusing device mapping, please use long syntax: {}", text)};
    Node device = Node::map(at);
    device.set("source", Node::string(std::string(parts[0]), at));
    device.set("target", Node::string(std::string(parts.size() > 1 && !parts[1].empty() ? parts[1] : parts[0]), at));
    device.set("permissions", Node::string(std::string(parts.size() > 2 ? parts[2] : "rwm"), at));
    return device;
}

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

namespace {

std::string keyText(const Node& item) {
    std::string text = item.scalarText();
    return text.substr(0, text.find('='));
}

std::string mountTarget(const Node& item, Form form) {
    if (!item.isString()) return std::string(item.textOf("target"));
    try {
        return std::string((form == Form::Device ? expandDevice(item.text, item.at) : expandVolume(item.text, item.at)).textOf("target"));
    } catch (const ShortFormError&) {
        return item.text;
    }
}

std::string fileTarget(const Node& item, std::string_view folder) {
    std::string_view target = item.textOf("target");
    if (!target.empty()) return std::string(target);
    return fmt::format("{}/{}", folder, item.isMap() ? item.textOf("source") : std::string_view(item.text));
}

std::string portKey(const Node& item) {
    if (!item.isMap()) return item.scalarText();
    // A port published as a number and one published as a text are two, also where both read the same.
    auto part = [&](std::string_view name, std::string_view otherwise) {
        const Node* found = item.find(name);
        if (!found) return std::string(otherwise);
        return found->isString() ? found->text : "#" + found->scalarText();
    };
    return fmt::format("{}:{}:{}/{}", part("host_ip", "0.0.0.0"), part("published", ""), part("target", ""), part("protocol", "tcp"));
}

std::string keyOf(const Node& item, Unique unique, Form form) {
    switch (unique) {
        case Unique::Key: return keyText(item);
        case Unique::Text: return item.scalarText();
        case Unique::Target: return mountTarget(item, form);
        case Unique::Port: return portKey(item);
        case Unique::Secret: return fileTarget(item, "/run/secrets");
        case Unique::Config: return fileTarget(item, "");
        case Unique::Path: return item.isMap() ? std::string(item.textOf("path")) : item.scalarText();
        default: return {};
    }
}

void dropFromList(Node& list, Unique unique, Form form) {
    std::unordered_map<std::string, std::size_t> seen;
    std::vector<Entry> kept;
    kept.reserve(list.entries.size());
    for (Entry& entry : list.entries) {
        auto [position, fresh] = seen.try_emplace(keyOf(entry.value, unique, form), kept.size());
        if (fresh) {
            kept.push_back(std::move(entry));
        } else {
            kept[position->second] = std::move(entry);
        }
    }
    list.entries = std::move(kept);
}

}  // namespace

void dropReplaced(Node& node, const Shape& shape) {
    if (node.isMap()) {
        for (Entry& entry : node.entries) {
            const schema::Attribute* attribute = shape.attribute(entry.key);
            bool listed = attribute && attribute->unique != Unique::No && attribute->unique != Unique::Strict;
            if (listed && entry.value.isList() && entry.value.entries.size() > 1) dropFromList(entry.value, attribute->unique, attribute->shape.items ? attribute->shape.items->form : Form::None);
            const Shape* child = attribute ? &attribute->shape : shape.values;
            if (child) dropReplaced(entry.value, *child);
        }
    } else if (node.isList() && shape.items && shape.items->attributes) {
        for (Entry& entry : node.entries) dropReplaced(entry.value, *shape.items);
    }
}

}  // namespace devc::compose
