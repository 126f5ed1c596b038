#include "compose/paths.h"

#include <climits>
#include <cstdlib>
#include <vector>

#include "compose/schema/schema.h"

namespace devc::compose {
namespace {

using schema::Path;
using schema::Shape;

bool isWindowsPath(std::string_view path) {
    bool drive = path.size() > 2 && ((path[0] | 0x20) >= 'a' && (path[0] | 0x20) <= 'z') && path[1] == ':' &&
                 (path[2] == '\\' || path[2] == '/');
    return drive || path.starts_with("\\\\");
}

std::string expandHome(std::string_view path, const std::string& home) {
    if (path == "~") return home;
    if (path.starts_with("~/")) return joinPath(home, path.substr(2));
    return std::string(path);
}

std::string resolveFile(std::string_view path, const std::string& folder, const std::string& home) {
    std::string expanded = expandHome(path, home);
    if (expanded.empty() || expanded.starts_with('/')) return expanded;
    return joinPath(folder, expanded);
}

/// A build context that is no local folder.
bool isRemoteContext(std::string_view context) {
    return context.find("://") != std::string_view::npos || context.starts_with("git@") ||
           context.starts_with("github.com/") || context.starts_with("service:");
}

std::string resolveLinks(const std::string& path) {
    char buffer[PATH_MAX];
    return ::realpath(path.c_str(), buffer) ? std::string(buffer) : path;
}

class Resolver {
public:
    Resolver(const std::string& folder, const std::string& home) : folder_(folder), home_(home) {}

    void tree(Node& node, const Shape& shape) {
        if (shape.form == schema::Form::VolumeMount) mount(node);
        if (node.isMap()) {
            for (Entry& entry : node.entries) {
                const schema::Attribute* attribute = shape.attribute(entry.key);
                if (attribute && attribute->path != Path::No) value(entry.value, attribute->path);
                const Shape* child = attribute ? &attribute->shape : shape.values;
                if (child) tree(entry.value, *child);
            }
        } else if (node.isList() && shape.items && shape.items->attributes) {
            for (Entry& entry : node.entries) tree(entry.value, *shape.items);
        }
    }

    /// A volume of the local driver that is really a bind mount.
    void bindVolume(Node& volume) const {
        if (!volume.isMap()) return;
        std::string_view driver = volume.textOf("driver");
        Node* options = volume.find("driver_opts");
        if (!options || (!driver.empty() && driver != "local") || options->textOf("o") != "bind") return;
        Node* device = options->find("device");
        if (device && device->isString() && !device->text.starts_with('~')) file(*device);
    }

private:
    void file(Node& node) const {
        if (node.isString()) node.text = resolveFile(node.text, folder_, home_);
    }

    void context(Node& node) const {
        if (node.isString() && !isRemoteContext(node.text)) file(node);
    }

    void value(Node& node, Path path) const {
        switch (path) {
            case Path::File: file(node); break;
            case Path::Context: context(node); break;
            case Path::FileItems:
                for (Entry& entry : node.entries) file(entry.value);
                break;
            case Path::Values:
                for (Entry& entry : node.entries) {
                    if (node.isMap() && entry.value.isString()) entry.value.text = joinPath(folder_, expandHome(entry.value.text, home_));
                }
                break;
            case Path::ContextValues: contexts(node); break;
            case Path::Watch:
                file(node);
                if (node.isString()) node.text = resolveLinks(node.text);
                break;
            case Path::No: break;
        }
    }

    void contexts(Node& node) const {
        for (Entry& entry : node.entries) {
            if (node.isMap()) {
                context(entry.value);
            } else if (std::size_t equals = entry.value.text.find('='); equals != std::string::npos) {
                Node right = Node::string(entry.value.text.substr(equals + 1));
                context(right);
                entry.value.text = entry.value.text.substr(0, equals + 1) + right.text;
            }
        }
    }

    void mount(Node& node) const {
        if (node.textOf("type") != "bind") return;
        Node* source = node.find("source");
        if (!source || !source->isString() || isWindowsPath(source->text)) return;
        source->text = source->text.empty() ? folder_ : resolveFile(source->text, folder_, home_);
    }

    const std::string& folder_;
    const std::string& home_;
};

}  // namespace

std::string joinPath(std::string_view folder, std::string_view path) {
    std::string whole = path.starts_with('/') || folder.empty() ? std::string(path) : std::string(folder) + "/" + std::string(path);
    bool absolute = whole.starts_with('/');
    std::vector<std::string_view> parts;
    std::string_view rest = whole;
    while (!rest.empty()) {
        std::size_t end = rest.find('/');
        std::string_view part = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (part.empty() || part == ".") continue;
        if (part == "..") {
            if (!parts.empty() && parts.back() != "..") {
                parts.pop_back();
                continue;
            }
            if (absolute) continue;
        }
        parts.push_back(part);
    }
    std::string result = absolute ? "/" : "";
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) result += '/';
        result += parts[i];
    }
    return result.empty() ? "." : result;
}

std::string folderOf(std::string_view path) {
    std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos) return ".";
    return slash == 0 ? "/" : std::string(path.substr(0, slash));
}

std::string_view baseName(std::string_view path) {
    std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

void resolvePaths(Node& node, const schema::Shape& shape, const std::string& folder, const std::string& home) {
    Resolver resolver(folder, home);
    resolver.tree(node, shape);
    if (&shape != &schema::project) return;
    if (Node* volumes = node.find("volumes")) {
        for (Entry& entry : volumes->entries) resolver.bindVolume(entry.value);
    }
}

}  // namespace devc::compose
