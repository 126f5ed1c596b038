#include <algorithm>
#include <cctype>

#include "engine/error.h"
#include "engine/image/images.h"

namespace devc::engine {

namespace {

constexpr std::string_view defaultDomain = "docker.io";
constexpr std::string_view officialNamespace = "library/";

bool isLower(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool isAlphanumeric(char c) { return isLower(c) || (c >= 'A' && c <= 'Z'); }
bool isHex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

Error refused(std::string_view text, std::string_view why) {
    return Error::of("invalid reference format: \"{}\" {}", text, why);
}

/// path-component: [a-z0-9]+ separated by one '.', one or two '_', or any number of '-'.
bool isPathComponent(std::string_view component) {
    if (component.empty() || !isLower(component.front()) || !isLower(component.back())) return false;
    for (std::size_t i = 0; i < component.size();) {
        if (isLower(component[i])) {
            ++i;
            continue;
        }
        std::size_t end = i;
        while (end < component.size() && component[end] == component[i]) ++end;
        std::size_t run = end - i;
        bool allowed = component[i] == '-' || (component[i] == '.' && run == 1) || (component[i] == '_' && run <= 2);
        if (!allowed || end == component.size() || !isLower(component[end])) return false;
        i = end;
    }
    return true;
}

bool isPath(std::string_view path) {
    for (;;) {
        std::size_t slash = path.find('/');
        if (!isPathComponent(path.substr(0, slash))) return false;
        if (slash == std::string_view::npos) return true;
        path.remove_prefix(slash + 1);
    }
}

bool isTag(std::string_view tag) {
    if (tag.empty() || tag.size() > 128 || !(isAlphanumeric(tag[0]) || tag[0] == '_')) return false;
    return std::all_of(tag.begin(), tag.end(), [](char c) { return isAlphanumeric(c) || c == '_' || c == '.' || c == '-'; });
}

bool isDigest(std::string_view digest) {
    constexpr std::string_view algorithm = "sha256:";
    return digest.starts_with(algorithm) && digest.size() == algorithm.size() + 64 &&
           std::all_of(digest.begin() + algorithm.size(), digest.end(), isHex);
}

/// Host name, IPv4 or [IPv6], each with an optional port.
bool isDomain(std::string_view domain) {
    if (domain.starts_with('[')) {
        std::size_t end = domain.find(']');
        if (end == std::string_view::npos) return false;
        std::string_view address = domain.substr(1, end - 1);
        if (address.empty() || !std::all_of(address.begin(), address.end(), [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) || c == ':'; }))
            return false;
        domain.remove_prefix(end + 1);
        if (domain.empty()) return true;
        if (domain[0] != ':') return false;
    }
    std::size_t colon = domain.find(':');
    if (colon != std::string_view::npos) {
        std::string_view port = domain.substr(colon + 1);
        if (port.empty() || port.size() > 5 || !std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; })) return false;
        domain = domain.substr(0, colon);
        if (domain.empty()) return true;
    }
    for (;;) {
        std::size_t dot = domain.find('.');
        std::string_view label = domain.substr(0, dot);
        if (label.empty() || !isAlphanumeric(label.front()) || !isAlphanumeric(label.back())) return false;
        if (!std::all_of(label.begin(), label.end(), [](char c) { return isAlphanumeric(c) || c == '-'; })) return false;
        if (dot == std::string_view::npos) return true;
        domain.remove_prefix(dot + 1);
    }
}

/// Only what can't be the first component of a path names a registry.
bool namesRegistry(std::string_view first) {
    return first == "localhost" || first.find_first_of(".:[") != std::string_view::npos ||
           std::any_of(first.begin(), first.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

Reference Reference::parse(std::string_view text) {
    Reference reference;
    std::string_view rest = text;
    if (rest.size() == 64 && std::all_of(rest.begin(), rest.end(), isHex))
        throw refused(text, "is an id of 64 hexadecimal digits, which cannot be a name");
    if (std::size_t at = rest.find('@'); at != std::string_view::npos) {
        reference.digest = rest.substr(at + 1);
        if (!isDigest(reference.digest)) throw refused(text, "has a digest that is not sha256: and 64 hexadecimal digits");
        rest = rest.substr(0, at);
    }
    std::size_t slash = rest.find('/');
    if (slash != std::string_view::npos && namesRegistry(rest.substr(0, slash))) {
        reference.domain = rest.substr(0, slash);
        rest.remove_prefix(slash + 1);
        if (!isDomain(reference.domain)) throw refused(text, "does not begin with a valid registry");
    }
    if (std::size_t colon = rest.rfind(':'); colon != std::string_view::npos) {
        reference.tag = rest.substr(colon + 1);
        if (!isTag(reference.tag)) throw refused(text, "has a tag that is not valid");
        rest = rest.substr(0, colon);
    }
    if (std::any_of(rest.begin(), rest.end(), [](char c) { return c >= 'A' && c <= 'Z'; }))
        throw refused(text, "must be lowercase");
    if (!isPath(rest)) throw refused(text, rest.empty() ? "has no name" : "is not a valid name");
    if (reference.domain.empty() || reference.domain == "index.docker.io") reference.domain = defaultDomain;
    reference.path = rest;
    if (reference.domain == defaultDomain && rest.find('/') == std::string_view::npos)
        reference.path = std::string(officialNamespace) + reference.path;
    if (reference.domain.size() + reference.path.size() + 1 > 255) throw refused(text, "is longer than 255 characters");
    if (reference.tag.empty() && reference.digest.empty()) reference.tag = "latest";
    return reference;
}

std::string Reference::normalized() const {
    std::string text = domain + "/" + path;
    if (!tag.empty()) text += ":" + tag;
    if (!digest.empty()) text += "@" + digest;
    return text;
}

std::string Reference::familiar() const {
    std::string text = normalized();
    // Without its registry, docker.io/a.b/c would be read as c of the registry a.b.
    if (domain != defaultDomain || namesRegistry(path.substr(0, path.find('/')))) return text;
    text.erase(0, defaultDomain.size() + 1);
    if (text.starts_with(officialNamespace) && path.find('/', officialNamespace.size()) == std::string::npos)
        text.erase(0, officialNamespace.size());
    return text;
}

}  // namespace devc::engine
