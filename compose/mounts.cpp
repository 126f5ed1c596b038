#include <array>

#include <fmt/format.h>

#include "compose/paths.h"
#include "compose/short_forms.h"

namespace devc::compose {
namespace {

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

}  // namespace devc::compose
