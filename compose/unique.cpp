#include "compose/unique.h"

#include <unordered_map>

#include <fmt/format.h>

#include "compose/short_forms.h"

namespace devc::compose {
namespace {

using schema::Form;
using schema::Shape;
using schema::Unique;

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
