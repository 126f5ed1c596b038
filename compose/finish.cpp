#include "compose/finish.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "compose/model/bytes.h"
#include "compose/model/duration.h"
#include "compose/model/mapping.h"
#include "compose/words.h"

namespace devc::compose {
namespace {

using schema::Attribute;
using schema::Shape;
using schema::Value;
using schema::Zero;

std::optional<std::int64_t> parseOctal(std::string_view text) {
    std::int64_t value = 0;
    if (text.starts_with("0o")) text.remove_prefix(2);
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 8);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty() || value < 0) return std::nullopt;
    return value;
}

class Finisher {
public:
    explicit Finisher(Problems& problems) : problems_(problems) {}

    void value(Node& node, const Shape& shape, const std::string& path) {
        if (node.isNull()) return;
        switch (shape.value) {
            case Value::As: structure(node, shape, path); break;
            case Value::Text: toText(node); break;
            case Value::Bool: break;
            case Value::Integer: integer(node, path); break;
            case Value::Number: break;
            case Value::Duration: duration(node, path); break;
            case Value::Bytes: bytes(node, path); break;
            case Value::FileMode:
            case Value::Mode: mode(node, shape.value, path); break;
            case Value::Limit: limit(node, shape, path); break;
            case Value::Count: count(node, path); break;
            case Value::Command: command(node, path); break;
            case Value::HealthTest: healthTest(node); break;
            case Value::Texts: texts(node); break;
            case Value::TextLists:
                for (Entry& entry : node.entries) texts(entry.value);
                node.sortKeys();
                break;
            case Value::Pairs: pairs(node, path, false); break;
            case Value::OptionalPairs: pairs(node, path, true); break;
            case Value::Hosts: hosts(node, path); break;
            case Value::Ssh: ssh(node); break;
        }
    }

private:
    void structure(Node& node, const Shape& shape, const std::string& path) {
        if (node.isMap() && shape.attributes) {
            object(node, shape, path);
        } else if (node.isMap() && shape.values) {
            for (Entry& entry : node.entries) value(entry.value, *shape.values, path.empty() ? entry.key : path + "." + entry.key);
            node.sortKeys();
        } else if (node.isList() && shape.items) {
            for (std::size_t i = 0; i < node.entries.size(); ++i) {
                value(node.entries[i].value, *shape.items, fmt::format("{}[{}]", path, i));
            }
        } else if (node.isMap()) {
            node.sortKeys();
        }
    }

    void object(Node& node, const Shape& shape, const std::string& path) {
        std::vector<Entry*> placed(shape.attributeCount, nullptr);
        std::vector<Entry> rest;
        for (Entry& entry : node.entries) {
            if (const Attribute* attribute = shape.attribute(entry.key)) {
                placed[static_cast<std::size_t>(attribute - shape.attributes)] = &entry;
            }
        }
        std::vector<Entry> ordered;
        ordered.reserve(node.entries.size());
        for (std::size_t i = 0; i < shape.attributeCount; ++i) {
            const Attribute& attribute = shape.attributes[i];
            if (!placed[i]) {
                if (attribute.zero == Zero::Always) ordered.push_back({std::string(attribute.name), node.at, zeroOf(attribute.shape, node.at)});
                continue;
            }
            value(placed[i]->value, attribute.shape, path.empty() ? placed[i]->key : path + "." + placed[i]->key);
            if (!leftOut(placed[i]->value, attribute)) ordered.push_back(std::move(*placed[i]));
        }
        for (Entry& entry : node.entries) {
            if (!entry.key.empty() && !shape.open && !shape.attribute(entry.key)) {
                sortDeep(entry.value);
                rest.push_back(std::move(entry));
            }
        }
        std::sort(rest.begin(), rest.end(), [](const Entry& a, const Entry& b) { return a.key < b.key; });
        for (Entry& entry : rest) ordered.push_back(std::move(entry));
        node.entries = std::move(ordered);
    }

    static void sortDeep(Node& node) {
        if (node.isMap()) node.sortKeys();
        for (Entry& entry : node.entries) sortDeep(entry.value);
    }

    static bool leftOut(const Node& node, const Attribute& attribute) {
        if (node.isNull()) return true;
        switch (attribute.zero) {
            case Zero::Keep:
            case Zero::KeepYaml:
            case Zero::Always:
            case Zero::JsonNull: return false;
            case Zero::Never: return true;
            default: break;
        }
        if (attribute.zero == Zero::OmitTrue) return node.isTrue();
        switch (node.kind) {
            case Kind::Bool:
            case Kind::Integer: return node.integer == 0;
            case Kind::Float: return node.real == 0;
            case Kind::String: break;
            default: return node.entries.empty();
        }
        bool amount = attribute.shape.value == Value::Bytes || attribute.shape.value == Value::Duration;
        return node.text.empty() || (amount && (node.text == "0" || node.text == "0s"));
    }

    static Node zeroOf(const Shape& shape, Position at) {
        if (shape.value == Value::Integer) return Node::number(0, at);
        return Node::string(shape.value == Value::Bytes ? "0" : "", at);
    }

    static void toText(Node& node) {
        if (!node.isString()) node = Node::string(node.scalarText(), node.at);
    }

    void integer(Node& node, const std::string& path) {
        if (node.kind == Kind::Float && std::fabs(node.real) < 9e18) {
            node = Node::number(static_cast<std::int64_t>(node.real), node.at);  // where the schema allows a fraction it is cut off
        } else if (node.kind == Kind::Float || node.isString()) {
            problems_.add(node.at, fmt::format("{} must be an integer, not {}", path, node.scalarText()));
        }
    }

    void duration(Node& node, const std::string& path) {
        std::string problem;
        auto parsed = parseDuration(node.scalarText(), &problem);
        if (parsed) {
            node = Node::string(parsed->text(), node.at);
        } else {
            problems_.add(node.at, fmt::format("{}: time: {}", path, problem), "durations have units: 90s, 1m30s, 1h, 500ms");
        }
    }

    void bytes(Node& node, const std::string& path) {
        // Docker Compose reads sizes from integers and texts; a number with a fraction or exponent is none.
        auto parsed = node.kind == Kind::Float ? std::optional<std::int64_t>(0) : parseBytes(node.scalarText());
        if (parsed) {
            node = Node::string(std::to_string(*parsed), node.at);
        } else {
            problems_.add(node.at, fmt::format("{}: invalid size: '{}'", path, node.scalarText()), "sizes are numbers with b, k, m or g: 512m, 1.5g");
        }
    }

    void mode(Node& node, Value form, const std::string& path) {
        auto number = node.kind == Kind::Integer ? std::optional<std::int64_t>(node.integer) : parseOctal(node.scalarText());
        if (!number) {
            problems_.add(node.at, fmt::format("{}: invalid file mode '{}'", path, node.scalarText()), "modes are octal: 0440");
            return;
        }
        node = form == Value::Mode ? Node::number(*number, node.at) : Node::string(fmt::format("0{:o}", *number), node.at);
    }

    void limit(Node& node, const Shape& shape, const std::string& path) {
        if (node.isMap()) {
            structure(node, shape, path);
            return;
        }
        integer(node, path);
        if (node.kind != Kind::Integer || node.integer != 0) return;
        Node both = Node::map(node.at);
        for (std::string_view key : {"soft", "hard"}) both.set(key, Node::number(0, node.at));
        node = std::move(both);
    }

    void count(Node& node, const std::string& path) {
        if (node.kind == Kind::Integer) return;
        std::int64_t number = -1;
        if (node.text != "all") {
            auto [end, error] = std::from_chars(node.text.data(), node.text.data() + node.text.size(), number);
            if (error != std::errc{} || end != node.text.data() + node.text.size()) {
                problems_.add(node.at, fmt::format("{}: invalid value \"{}\", the only value allowed is 'all' or a number", path, node.text));
                return;
            }
        }
        node = Node::number(number, node.at);
    }

    void command(Node& node, const std::string& path) {
        if (node.isList()) {
            texts(node);
            return;
        }
        auto words = splitWords(node.scalarText());
        if (!words) {
            problems_.add(node.at, fmt::format("{}: invalid command line string: a quote or parenthesis is not closed", path),
                          "write it as a list: [sh, -c, ...]");
            return;
        }
        Node list = Node::list(node.at);
        for (std::string& word : *words) list.push(Node::string(std::move(word), node.at));
        node = std::move(list);
    }

    static void healthTest(Node& node) {
        if (node.isList()) {
            texts(node);
            return;
        }
        Node list = Node::list(node.at);
        list.push(Node::string("CMD-SHELL", node.at));
        list.push(Node::string(node.scalarText(), node.at));
        node = std::move(list);
    }

    static void texts(Node& node) {
        if (!node.isList()) {
            Node list = Node::list(node.at);
            list.push(Node::string(node.scalarText(), node.at));
            node = std::move(list);
            return;
        }
        for (Entry& entry : node.entries) toText(entry.value);
    }

    void pairs(Node& node, const std::string& path, bool optional) {
        if (!node.isMap() && !node.isList()) return;
        std::map<std::string, Entry> sorted;
        for (Entry& entry : node.entries) {
            std::string key = entry.key;
            Node value = std::move(entry.value);
            if (node.isList()) {
                std::size_t equals = value.text.find('=');
                key = value.text.substr(0, equals);
                value = equals == std::string::npos ? Node::null(value.at) : Node::string(value.text.substr(equals + 1), value.at);
                if (optional && !key.empty() && std::isspace(static_cast<unsigned char>(key.back())) != 0) {
                    problems_.add(entry.at, fmt::format("{}: environment variable \"{}\" is declared with a trailing space", path, key), "write NAME=VALUE without a blank before the =");
                }
            }
            if (!value.isNull()) toText(value);
            if (value.isNull() && !optional) value = Node::string({}, value.at);
            sorted.insert_or_assign(key, Entry{key, entry.at, std::move(value)});
        }
        node.kind = Kind::Map;
        node.entries.clear();
        for (auto& [key, entry] : sorted) node.entries.push_back(std::move(entry));
    }

    void hosts(Node& node, const std::string& path) {
        std::vector<Entry> lines;
        auto add = [&](const std::string& host, std::string address, Position at) {
            if (host.empty()) problems_.add(at, fmt::format("{}: bad host name '': a name is missing before the address {}", path, address));
            if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
            lines.push_back({{}, at, Node::string(host + "=" + address, at)});
        };
        for (Entry& entry : node.entries) {
            if (node.isMap() && entry.value.isList()) {
                for (Entry& address : entry.value.entries) add(entry.key, address.value.scalarText(), address.at);
            } else if (node.isMap()) {
                add(entry.key, entry.value.scalarText(), entry.at);
            } else {
                const std::string& text = entry.value.text;
                std::size_t separator = text.find('=');
                if (separator == std::string::npos) separator = text.find(':');
                if (separator == std::string::npos) {
                    problems_.add(entry.at, fmt::format("{}: invalid additional host, missing IP: {}", path, text));
                    continue;
                }
                for (std::size_t begin = separator + 1, end = 0; begin <= text.size(); begin = end + 1) {
                    end = std::min(text.find(',', begin), text.size());
                    add(text.substr(0, separator), text.substr(begin, end - begin), entry.at);
                }
            }
        }
        std::stable_sort(lines.begin(), lines.end(), [](const Entry& a, const Entry& b) { return a.value.text < b.value.text; });
        node.kind = Kind::List;
        node.entries = std::move(lines);
    }

    static void ssh(Node& node) {
        for (Entry& entry : node.entries) {
            std::string path = entry.value.scalarText();
            entry.value = Node::string(path.empty() ? entry.key : entry.key + "=" + path, entry.at);
            entry.key.clear();
        }
        node.kind = Kind::List;
        std::sort(node.entries.begin(), node.entries.end(), [](const Entry& a, const Entry& b) { return a.value.text < b.value.text; });
    }

    Problems& problems_;
};

}  // namespace

void finish(Node& node, const Shape& shape, const std::string& path, Problems& problems) {
    Finisher(problems).value(node, shape, path);
}

}  // namespace devc::compose
