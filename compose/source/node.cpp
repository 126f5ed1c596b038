#include "compose/source/node.h"

#include <algorithm>
#include <utility>

#include "compose/source/scalar.h"

namespace devc::compose {

std::string_view Source::line(int number) const {
    std::size_t start = 0;
    for (int current = 1; current < number; ++current) {
        start = text.find('\n', start);
        if (start == std::string::npos) return {};
        ++start;
    }
    std::string_view found = std::string_view(text).substr(start);
    found = found.substr(0, found.find('\n'));
    if (found.ends_with('\r')) found.remove_suffix(1);
    return found;
}

std::string_view Source::from(const Position& at) const {
    std::string_view whole = text, begin = line(at.line);
    std::size_t offset = begin.data() ? static_cast<std::size_t>(begin.data() - whole.data()) + static_cast<std::size_t>(at.column) - 1 : whole.size();
    return whole.substr(std::min(offset, whole.size()));
}

static Node make(Kind kind, Position at) {
    Node node;
    node.kind = kind;
    node.at = at;
    return node;
}

Node Node::null(Position at) { return make(Kind::Null, at); }

Node Node::string(std::string text, Position at) {
    Node node = make(Kind::String, at);
    node.text = std::move(text);
    return node;
}

Node Node::number(std::int64_t value, Position at) {
    Node node = make(Kind::Integer, at);
    node.integer = value;
    return node;
}

Node Node::floating(double value, Position at) {
    Node node = make(Kind::Float, at);
    node.real = value;
    return node;
}

Node Node::boolean(bool value, Position at) {
    Node node = make(Kind::Bool, at);
    node.integer = value ? 1 : 0;
    return node;
}

Node Node::list(Position at) { return make(Kind::List, at); }
Node Node::map(Position at) { return make(Kind::Map, at); }

const Node* Node::find(std::string_view key) const {
    if (kind != Kind::Map) return nullptr;
    for (const Entry& entry : entries) {
        if (entry.key == key) return &entry.value;
    }
    return nullptr;
}

Node* Node::find(std::string_view key) { return const_cast<Node*>(std::as_const(*this).find(key)); }

std::string_view Node::textOf(std::string_view key) const {
    const Node* found = find(key);
    return found && found->isString() ? std::string_view(found->text) : std::string_view();
}

Node& Node::set(std::string_view key, Node value) {
    if (Node* found = find(key)) {
        *found = std::move(value);
        return *found;
    }
    Position where = value.at;
    entries.push_back({std::string(key), where, std::move(value)});
    return entries.back().value;
}

void Node::erase(std::string_view key) {
    std::erase_if(entries, [key](const Entry& entry) { return entry.key == key; });
}

void Node::push(Node value) {
    Position where = value.at;
    entries.push_back({{}, where, std::move(value)});
}

void Node::sortKeys() {
    std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.key < b.key; });
}

std::string Node::scalarText() const {
    switch (kind) {
        case Kind::Bool: return integer ? "true" : "false";
        case Kind::Integer: return std::to_string(integer);
        case Kind::Float: return text.empty() ? floatText(real) : text;
        case Kind::String: return text;
        default: return {};
    }
}

bool Node::operator==(const Node& other) const {
    if (kind != other.kind || entries.size() != other.entries.size()) return false;
    switch (kind) {
        case Kind::Null: return true;
        case Kind::Bool:
        case Kind::Integer: return integer == other.integer;
        case Kind::Float: return real == other.real;
        case Kind::String: return text == other.text;
        default: break;
    }
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (entries[i].key != other.entries[i].key || !(entries[i].value == other.entries[i].value)) return false;
    }
    return true;
}

const Source& Sources::add(std::string name, std::string text) {
    files_.push_back(std::make_unique<Source>(Source{std::move(name), std::move(text)}));
    return *files_.back();
}

}  // namespace devc::compose
