#include "compose/merge.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "compose/problems.h"
#include "compose/schema/shapes.h"
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

/// `A: !reset null` inside a mapping of pairs drops A from an earlier mapping; in a list there is no A to drop.
void resetPairs(Node& base, const Node& over) {
    if (!base.isMap() || !over.isMap()) return;
    for (const Entry& entry : over.entries) {
        if (entry.value.tag == Tag::Reset) base.erase(entry.key);
    }
}

void mergePairs(Node& base, const Node& over, bool equalOnce) {
    resetPairs(base, over);
    base = asPairList(base);
    Node added = asPairList(over);
    std::unordered_set<std::string> known;
    if (equalOnce) {
        for (const Entry& entry : base.entries) known.insert(entry.value.scalarText());
    }
    for (Entry& entry : added.entries) {
        if (equalOnce && !known.insert(entry.value.scalarText()).second) continue;
        base.entries.push_back(std::move(entry));
    }
}

void mergeSubnets(Node& base, Node over, const Shape& shape, const std::string& path) {
    std::unordered_map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < base.entries.size(); ++i) places.emplace(base.entries[i].value.textOf("subnet"), i);
    for (Entry& entry : over.entries) {
        std::string subnet(entry.value.textOf("subnet"));
        auto [found, fresh] = places.try_emplace(subnet, base.entries.size());
        if (fresh || subnet.empty()) {
            base.entries.push_back(std::move(entry));
        } else {
            mergeValue(base.entries[found->second].value, std::move(entry.value), *shape.items, Merge::Deep, path);
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
    for (Entry& entry : over.entries) {
        Node* mine = find(entry.key);
        if (!mine) {
            base.entries.push_back(std::move(entry));
            continue;
        }
        const Attribute* attribute = shape.attribute(entry.key);
        const Shape* child = attribute ? &attribute->shape : shape.values;
        mergeValue(*mine, std::move(entry.value), child ? *child : schema::anything, attribute ? attribute->merge : Merge::Deep,
                   path.empty() ? entry.key : path + "." + entry.key);
    }
}

/// Whether options of the two may be joined: only one names a driver, or both the same.
bool sameDriver(const Node& base, const Node& over) {
    auto driver = [](const Node& logging) {
        const Node* found = logging.find("driver");
        return found && found->tag != Tag::Reset ? found : nullptr;
    };
    const Node* mine = driver(base);
    const Node* other = driver(over);
    return !mine || !other || *mine == *other;
}

/// One limit or both: 5 or {soft: 5, hard: 6}.
bool isWhole(const Shape& shape) { return shape.attributes && (shape.accepts & schema::accept::Integer); }

std::string_view kindOf(const Node& node) { return node.isMap() ? "mapping" : node.isList() ? "list" : "scalar"; }

[[noreturn]] void cannotOverride(const Node& base, const Node& over, const std::string& path) {
    throw LoadError({diagnose(over.at, fmt::format("cannot override {}: a {} cannot be merged with a {}", path, kindOf(over), kindOf(base)))});
}

/// Brings both sides of a value with a short form into the long one. In a short form there is nothing to reset.
void expandBoth(Node& base, Node& over, const Shape& shape, const std::string& path) {
    if (!base.isMap()) std::erase_if(over.entries, [](const Entry& entry) { return entry.value.tag == Tag::Reset; });
    expandStructure(base, shape.form);
    expandStructure(over, shape.form);
    if (base.isMap() != over.isMap()) cannotOverride(base, over, path);
}

void mergeValue(Node& base, Node over, const Shape& shape, Merge rule, const std::string& path) {
    bool whole = isWhole(shape) && !(base.isMap() && over.isMap());
    if (over.tag != Tag::None || rule == Merge::Replace || base.isNull() || whole) {
        base = std::move(over);
    } else if (over.isNull()) {
        // An attribute without a value leaves what was said before.
    } else if (rule == Merge::Pairs || rule == Merge::Hosts) {
        mergePairs(base, over, rule == Merge::Hosts);
    } else if (rule == Merge::Logging && base.isMap() && over.isMap() && !sameDriver(base, over)) {
        base = std::move(over);
    } else if (rule == Merge::Subnets && base.isList() && over.isList()) {
        mergeSubnets(base, std::move(over), shape, path);
    } else {
        if (isStructural(shape.form)) expandBoth(base, over, shape, path);
        if (base.isMap() && over.isMap()) {
            mergeMaps(base, std::move(over), shape, path);
        } else if (base.isList() && over.isList()) {
            for (Entry& entry : over.entries) base.entries.push_back(std::move(entry));
        } else if (base.isScalar()) {
            base = std::move(over);
        } else {
            cannotOverride(base, over, path);
        }
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
