#pragma once
#include <charconv>
#include <optional>
#include <string>

#include "compose/model/bytes.h"
#include "compose/model/duration.h"
#include "compose/model/mapping.h"
#include "compose/source/node.h"

/// Reading typed values from a finished tree, whose values have been checked already.
namespace devc::compose::read {

inline std::string text(const Node& node, std::string_view key) { return std::string(node.textOf(key)); }

inline bool flag(const Node& node, std::string_view key, bool otherwise = false) {
    const Node* found = node.find(key);
    return found && found->kind == Kind::Bool ? found->integer != 0 : otherwise;
}

inline std::optional<bool> optionalFlag(const Node& node, std::string_view key) {
    const Node* found = node.find(key);
    return found && found->kind == Kind::Bool ? std::optional<bool>(found->integer != 0) : std::nullopt;
}

inline std::optional<double> optionalReal(const Node& node, std::string_view key) {
    const Node* found = node.find(key);
    if (!found) return std::nullopt;
    if (found->kind == Kind::Float) return found->real;
    if (found->kind == Kind::Integer) return static_cast<double>(found->integer);
    return std::nullopt;
}

inline double real(const Node& node, std::string_view key) { return optionalReal(node, key).value_or(0); }

template <typename Number = std::int64_t>
std::optional<Number> optionalNumber(const Node& node, std::string_view key) {
    const Node* found = node.find(key);
    if (!found) return std::nullopt;
    if (found->kind == Kind::Integer) return static_cast<Number>(found->integer);
    if (found->kind == Kind::Float) return static_cast<Number>(found->real);
    return std::nullopt;
}

template <typename Number = std::int64_t>
Number number(const Node& node, std::string_view key) { return optionalNumber<Number>(node, key).value_or(Number{}); }

inline std::optional<std::int64_t> optionalBytes(const Node& node, std::string_view key) {
    const Node* found = node.find(key);
    return found ? parseBytes(found->scalarText()) : std::nullopt;
}

inline std::int64_t bytes(const Node& node, std::string_view key) { return optionalBytes(node, key).value_or(0); }

inline std::optional<Duration> duration(const Node& node, std::string_view key) {
    const Node* found = node.find(key);
    return found ? parseDuration(found->text) : std::nullopt;
}

inline std::optional<std::uint32_t> octal(const Node& node, std::string_view key) {
    std::string_view digits = node.textOf(key);
    std::uint32_t value = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 8);
    return digits.empty() || error != std::errc{} ? std::nullopt : std::optional<std::uint32_t>(value);
}

inline StringList list(const Node& node) {
    StringList values;
    for (const Entry& entry : node.entries) values.push_back(entry.value.scalarText());
    return values;
}

inline StringList list(const Node& node, std::string_view key) {
    const Node* found = node.find(key);
    return found ? list(*found) : StringList{};
}

inline StringMap map(const Node& node, std::string_view key) {
    StringMap values;
    if (const Node* found = node.find(key)) {
        for (const Entry& entry : found->entries) values[entry.key] = entry.value.scalarText();
    }
    return values;
}

inline OptionalStringMap optionalMap(const Node& node, std::string_view key) {
    OptionalStringMap values;
    if (const Node* found = node.find(key)) {
        for (const Entry& entry : found->entries) {
            values[entry.key] = entry.value.isNull() ? std::nullopt : std::optional<std::string>(entry.value.scalarText());
        }
    }
    return values;
}

/// One typed element for each of a list.
template <typename Make>
auto each(const Node& node, std::string_view key, Make&& make) {
    std::vector<decltype(make(node))> values;
    if (const Node* found = node.find(key)) {
        for (const Entry& entry : found->entries) values.push_back(make(entry.value));
    }
    return values;
}

}  // namespace devc::compose::read
