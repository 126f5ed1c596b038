#include "engine/build/run_mount.h"

#include <algorithm>
#include <charconv>

#include "engine/build/ignore.h"
#include "engine/build/instruction.h"
#include "engine/build/instruction_words.h"
#include "engine/error.h"

namespace devc::engine::build {

namespace {

bool truth(const std::string& key, const std::string& value) {
    const std::string text = lowerCase(value);
    if (text == "true" || text == "1" || text == "t") return true;
    if (text == "false" || text == "0" || text == "f") return false;
    throw Error::of("invalid value for {}: {}", key, value);
}

unsigned numberOf(const std::string& key, const std::string& value, int base) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number, base);
    if (value.empty() || error != std::errc() || end != value.data() + value.size()) throw Error::of("invalid value {} for {}", value, key);
    return number;
}

MountKind kindOf(const std::string& text) {
    const std::string name = lowerCase(text);
    if (name == "bind") return MountKind::Bind;
    if (name == "cache") return MountKind::Cache;
    if (name == "tmpfs") return MountKind::Tmpfs;
    if (name == "secret") return MountKind::Secret;
    if (name == "ssh") return MountKind::Ssh;
    throw Error::of("unsupported mount type \"{}\"", text).hint("bind, cache, tmpfs, secret and ssh are known");
}

Sharing sharingOf(const std::string& text) {
    const std::string name = lowerCase(text);
    if (name == "shared") return Sharing::Shared;
    if (name == "private") return Sharing::Private;
    if (name == "locked") return Sharing::Locked;
    throw Error::of("unsupported sharing value \"{}\"", text).hint("shared, private and locked are known");
}

void complete(RunMount& mount, const std::string& workingDir) {
    const bool named = mount.kind == MountKind::Secret || mount.kind == MountKind::Ssh;
    if (mount.kind == MountKind::Secret && mount.id.empty()) mount.id = mount.target.substr(mount.target.rfind('/') + 1);
    if (mount.kind == MountKind::Secret && mount.id.empty()) throw Error("a secret mount needs an id or a target");
    if (mount.kind == MountKind::Ssh && mount.id.empty()) mount.id = "default";
    if (mount.kind == MountKind::Secret && mount.target.empty() && mount.environment.empty()) mount.target = "/run/secrets/" + mount.id;
    if (mount.target.empty()) {
        if (named) return;
        throw Error("the mount needs a target");
    }
    if (mount.kind == MountKind::Cache && mount.id.empty()) mount.id = cleanPath(mount.target);
    mount.target = cleanPath(mount.target.starts_with('/') ? mount.target : workingDir + "/" + mount.target);
    if (mount.target == "/") throw Error("invalid mount target \"/\"");
}

}  // namespace

std::vector<std::string> splitFields(std::string_view text) {
    std::vector<std::string> fields(1);
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"') {
            if (quoted && i + 1 < text.size() && text[i + 1] == '"') fields.back() += text[i++];
            else quoted = !quoted;
        } else if (text[i] == ',' && !quoted) fields.emplace_back();
        else fields.back() += text[i];
    }
    return fields;
}

std::uint64_t parseBytes(const std::string& text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    std::string unit = lowerCase(std::string_view(end, static_cast<std::size_t>(text.data() + text.size() - end)));
    if (unit.ends_with("ib")) unit.resize(unit.size() - 2);
    else if (unit.ends_with('b')) unit.resize(unit.size() - 1);
    const std::size_t place = std::string_view("kmgt").find(unit);
    const std::size_t power = unit.empty() ? 0 : place == std::string_view::npos ? 5 : place + 1;
    if (text.empty() || error != std::errc() || unit.size() > 1 || power > 4 || value > (UINT64_MAX >> (10 * power)))
        throw Error::of("invalid size: '{}'", text).hint("write it as 512, 64k, 10m or 1g");
    return value << (10 * power);
}

MountText parseRunMount(const std::string& text, const std::function<std::string(const std::string&)>& expand, const std::string& workingDir) {
    MountText result;
    RunMount& mount = result.mount;
    std::optional<bool> readOnly;
    bool hasSource = false;
    for (const std::string& field : splitFields(text)) {
        const std::size_t equals = field.find('=');
        const std::string key = lowerCase(field.substr(0, equals));
        if (equals == std::string::npos) {
            if (key == "readonly" || key == "ro") readOnly = true;
            else if (key == "readwrite" || key == "rw") readOnly = false;
            else if (key == "required") mount.required = true;
            else throw Error::of("invalid field '{}' must be a key=value pair", field);
            continue;
        }
        const std::string raw = field.substr(equals + 1);
        const std::string value = key == "from" ? raw : expand(raw);
        if (key == "type") mount.kind = kindOf(value);
        else if (key == "from") {
            if (expand(raw) != raw) throw Error("'from' doesn't support variable expansion, define an alias stage instead");
            result.from = value;
        } else if (key == "source" || key == "src") { mount.source = value; hasSource = true; }
        else if (key == "target" || key == "dst" || key == "destination") mount.target = value;
        else if (key == "readonly" || key == "ro") readOnly = truth(key, value);
        else if (key == "readwrite" || key == "rw") readOnly = !truth(key, value);
        else if (key == "required") mount.required = truth(key, value);
        else if (key == "id") mount.id = value;
        else if (key == "env") mount.environment = value;
        else if (key == "size") mount.size = parseBytes(value);
        else if (key == "sharing") mount.sharing = sharingOf(value);
        else if (key == "mode") mount.mode = numberOf(key, value, 8);
        else if (key == "uid") mount.user = numberOf(key, value, 10);
        else if (key == "gid") mount.group = numberOf(key, value, 10);
        else {
            const std::string meant = nearest(key, {"type", "from", "source", "target", "readonly", "readwrite", "required", "id", "env", "size", "sharing", "mode", "uid", "gid"});
            throw Error::of("unexpected key '{}' in '{}'{}", key, field, meant.empty() ? "" : " (did you mean " + meant + "?)");
        }
    }
    if (mount.kind == MountKind::Secret && hasSource && mount.id.empty()) mount.id = mount.source;
    mount.readOnly = readOnly.value_or(mount.kind == MountKind::Bind);
    complete(mount, workingDir);
    return result;
}

}  // namespace devc::engine::build
