#include "compose/merge.h"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "compose/problems.h"
#include "compose/short_forms.h"

namespace devc::compose {
namespace {

using schema::Attribute;
using schema::Merge;
using schema::Shape;

/// Beyond this size keys are looked up in an index.
constexpr std::size_t smallMap = 16;

void mergeValue(Node& base, Node over, const Shape& shape, Merge rule, const std::string& path);

/// {A: 1, B: null} -> [A=1, B], sorted; a text -> [text].
Node asPairList(const Node& node) {
    if (node.isList()) return node;
    Node list = Node::list(node.at);
    if (!node.isMap()) {
        if (!node.isNull()) list.push(node);
        return list;
    }
    for (const Entry& entry : node.entries) {
        if (entry.value.tag == Tag::Reset) continue;
        Position at = entry.at;
        if (entry.value.isList()) {
            for (const Entry& item : entry.value.entries) {
                list.push(Node::string(fmt::format("{}={}", entry.key, item.value.scalarText()), at));
            }
        } else {
            bool bare = entry.value.isNull();
            list.push(Node::string(bare ? entry.key : fmt::format("{}={}", entry.key, entry.value.scalarText()), at));
        }
    }
    std::stable_sort(list.entries.begin(), list.entries.end(),
                     [](const Entry& a, const Entry& b) { return a.value.text < b.value.text; });
    return list;
}

/// `A: !reset null` inside a mapping of pairs: drops A from the earlier ones.
void resetPairs(Node& base, const Node& over) {
    if (!over.isMap()) return;
    for (const Entry& entry : over.entries) {
        if (entry.value.tag != Tag::Reset) continue;
        std::erase_if(base.entries, [&](const Entry& pair) {
            std::string text = pair.value.scalarText();
            return text == entry.key || text.starts_with(entry.key + "=");
        });
    }
}

void mergePairs(Node& base, const Node& over, bool equalOnce) {
    base = asPairList(base);
    resetPairs(base, over);
    Node added = asPairList(over);
    for (Entry& entry : added.entries) {
        auto same = [&](const Entry& other) { return other.value == entry.value; };
        if (equalOnce && std::any_of(base.entries.begin(), base.entries.end(), same)) continue;
        base.entries.push_back(std::move(entry));
    }
}

void mergeSubnets(Node& base, Node over, const Shape& shape, const std::string& path) {
    for (Entry& entry : over.entries) {
        auto same = [&](const Entry& other) {
            return !entry.value.textOf("subnet").empty() && other.value.textOf("subnet") == entry.value.textOf("subnet");
        };
        auto found = std::find_if(base.entries.begin(), base.entries.end(), same);
        if (found == base.entries.end()) {
            base.entries.push_back(std::move(entry));
        } else {
            mergeValue(found->value, std::move(entry.value), *shape.items, Merge::Deep, path);
        }
    }
}

void mergeMaps(Node& base, Node over, const Shape& shape, const std::string& path) {
    base.entries.reserve(base.entries.size() + over.entries.size());  // the index refers to keys in place
    std::unordered_map<std::string_view, std::size_t> index;
    if (base.entries.size() > smallMap) {
        for (std::size_t i = 0; i < base.entries.size(); ++i) index.emplace(base.entries[i].key, i);
    }
    const std::size_t count = base.entries.size();
    auto find = [&](const std::string& key) -> Node* {
        if (index.empty()) return base.find(key);
        auto found = index.find(key);
        return found == index.end() || found->second >= count ? nullptr : &base.entries[found->second].value;
    };
    std::vector<std::string> gone;
    for (Entry& entry : over.entries) {
        Node* mine = find(entry.key);
        if (entry.value.tag == Tag::Reset) {
            if (mine) gone.push_back(entry.key);
            continue;
        }
        const Attribute* attribute = shape.attribute(entry.key);
        const Shape* child = attribute ? &attribute->shape : shape.values;
        if (!mine) {
            base.entries.push_back(std::move(entry));
        } else if (!child || entry.key.starts_with("x-")) {
            *mine = std::move(entry.value);
        } else {
            mergeValue(*mine, std::move(entry.value), *child, attribute ? attribute->merge : Merge::Deep,
                       path.empty() ? entry.key : path + "." + entry.key);
        }
    }
    for (const std::string& key : gone) base.erase(key);
}

bool sameDriver(const Node& base, const Node& over) {
    const Node* mine = base.find("driver");
    const Node* other = over.find("driver");
    return !mine || !other || *mine == *other;
}

void mergeValue(Node& base, Node over, const Shape& shape, Merge rule, const std::string& path) {
    if (over.tag == Tag::Override || rule == Merge::Replace || base.isNull()) {
        over.tag = Tag::None;
        base = std::move(over);
        return;
    }
    if (isStructural(shape.form)) {
        expandStructure(base, shape.form);
        expandStructure(over, shape.form);
    }
    if (over.isNull()) {
        if (base.isScalar()) base = std::move(over);
        return;
    }
    if (rule == Merge::Pairs || rule == Merge::Hosts) {
        mergePairs(base, over, rule == Merge::Hosts);
    } else if (rule == Merge::Logging && base.isMap() && over.isMap() && !sameDriver(base, over)) {
        base = std::move(over);
    } else if (rule == Merge::Subnets && base.isList() && over.isList()) {
        mergeSubnets(base, std::move(over), shape, path);
    } else if (base.isMap() && over.isMap()) {
        mergeMaps(base, std::move(over), shape, path);
    } else if (base.isList() && over.isList()) {
        for (Entry& entry : over.entries) base.entries.push_back(std::move(entry));
    } else if (base.isScalar() && over.isScalar()) {
        base = std::move(over);
    } else if ((base.isScalar() || over.isScalar()) && shape.attributes && (shape.accepts & schema::accept::Integer)) {
        base = std::move(over);
    } else {
        throw LoadError({diagnose(over.at, fmt::format("cannot override {}: a {} cannot be merged with a {}", path,
                                                       over.isMap() ? "mapping" : over.isList() ? "list" : "scalar",
                                                       base.isMap() ? "mapping" : base.isList() ? "list" : "scalar"))});
    }
}

}  // namespace

void merge(Node& base, Node over, const Shape& shape, const std::string& path) {
    mergeValue(base, std::move(over), shape, Merge::Deep, path);
}

void dropResets(Node& node) {
    if (node.isScalar()) return;
    std::erase_if(node.entries, [](const Entry& entry) { return entry.value.tag == Tag::Reset; });
    for (Entry& entry : node.entries) {
        entry.value.tag = Tag::None;
        dropResets(entry.value);
    }
}

}  // namespace devc::compose
