#include "compose/render/key_order.h"

#include <algorithm>
#include <cctype>

namespace devc::compose {
namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isLetter(char c) { return static_cast<unsigned char>(c) >= 0x80 || std::isalpha(static_cast<unsigned char>(c)); }

std::string_view digitsFrom(std::string_view text, std::size_t start) {
    std::size_t end = start;
    while (end < text.size() && isDigit(text[end])) ++end;
    return text.substr(start, end - start);
}

/// Whether the digits before `end` hold one that is not 0, so that a 0 that follows counts.
bool inNumber(std::string_view text, std::size_t end) {
    while (end > 0 && isDigit(text[end - 1])) {
        if (text[--end] != '0') return true;
    }
    return false;
}

/// Compares numbers of any length that begin at `i`, where the texts differ first.
bool numberBefore(std::string_view one, std::string_view other, std::size_t i) {
    std::string_view a = digitsFrom(one, i);
    std::string_view b = digitsFrom(other, i);
    bool zeros = !inNumber(one, i);
    auto significant = [&](std::string_view digits) {
        return zeros ? digits.substr(std::min(digits.size(), digits.find_first_not_of('0'))) : digits;
    };
    std::string_view x = significant(a);
    std::string_view y = significant(b);
    if (x.size() != y.size()) return x.size() < y.size();
    if (x != y) return x < y;
    if (a.size() != b.size()) return a.size() < b.size();
    return static_cast<unsigned char>(one[i]) < static_cast<unsigned char>(other[i]);
}

bool entryBefore(const Entry& one, const Entry& other) { return keyBefore(one.key, other.key); }

}  // namespace

bool keyBefore(std::string_view one, std::string_view other) {
    auto [a, b] = std::mismatch(one.begin(), one.end(), other.begin(), other.end());
    if (a == one.end() || b == other.end()) return one.size() < other.size();
    bool letter = isLetter(*a);
    bool otherLetter = isLetter(*b);
    if (letter && otherLetter) return static_cast<unsigned char>(*a) < static_cast<unsigned char>(*b);
    auto i = static_cast<std::size_t>(a - one.begin());
    // After a digit a letter ends the number, so it is before what goes on; elsewhere letters are last.
    if (letter || otherLetter) return i > 0 && isDigit(one[i - 1]) ? letter : otherLetter;
    return numberBefore(one, other, i);
}

void orderKeys(Node& node, const schema::Shape* shape) {
    bool known = node.isMap() && shape && shape->attributes;
    if (node.isMap()) {
        auto free = std::stable_partition(node.entries.begin(), node.entries.end(), [&](const Entry& entry) { return known && shape->attribute(entry.key); });
        std::stable_sort(free, node.entries.end(), entryBefore);
    }
    for (Entry& entry : node.entries) {
        const schema::Attribute* attribute = known ? shape->attribute(entry.key) : nullptr;
        const schema::Shape* child = attribute ? &attribute->shape : shape && !known ? (node.isList() ? shape->items : shape->values) : nullptr;
        orderKeys(entry.value, child);
    }
}

}  // namespace devc::compose
