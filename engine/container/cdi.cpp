#include "engine/container/cdi.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <yaml-cpp/yaml.h>

#include "engine/error.h"

namespace devc::engine {

namespace fs = std::filesystem;

namespace {

template <typename T> T get(const YAML::Node& node, const char* key, T fallback) {
    const YAML::Node value = node[key];
    return value && !value.IsNull() ? value.as<T>() : fallback;
}

using Texts = std::vector<std::string>;

HostDevice deviceFrom(const YAML::Node& node) {
    HostDevice device;
    device.path = node["path"].as<std::string>();
    const std::string onHost = get(node, "hostPath", device.path);
    struct stat about{};
    const bool exists = ::stat(onHost.c_str(), &about) == 0;
    if (exists) {
        device.type = S_ISBLK(about.st_mode) ? 'b' : 'c';
        device.major = major(about.st_rdev);
        device.minor = minor(about.st_rdev);
        device.mode = about.st_mode & 07777;
    } else if (!node["major"]) {
        throw Error::of("device {} does not exist", onHost);
    }
    if (const std::string type = get(node, "type", std::string()); !type.empty()) device.type = type.front();
    device.major = get(node, "major", device.major);
    device.minor = get(node, "minor", device.minor);
    device.mode = get(node, "fileMode", device.mode);
    device.uid = get(node, "uid", 0U);
    device.gid = get(node, "gid", 0U);
    device.permissions = get(node, "permissions", device.permissions);
    return device;
}

CdiEdits editsFrom(const YAML::Node& node) {
    CdiEdits edits;
    if (!node) return edits;
    edits.environment = get(node, "env", Texts{});
    for (const YAML::Node& device : node["deviceNodes"]) edits.devices.push_back(deviceFrom(device));
    for (const YAML::Node& mount : node["mounts"]) {
        edits.mounts.push_back({get(mount, "type", std::string("bind")), mount["hostPath"].as<std::string>(),
                                mount["containerPath"].as<std::string>(), get(mount, "options", Texts{"rbind", "rprivate", "ro"})});
    }
    for (const YAML::Node& group : node["additionalGIDs"]) edits.groups.push_back(group.as<std::string>());
    for (const YAML::Node& hook : node["hooks"]) {
        edits.hooks.push_back({hook["hookName"].as<std::string>(), hook["path"].as<std::string>(), get(hook, "args", Texts{}),
                               get(hook, "env", Texts{}), get(hook, "timeout", std::int64_t{0})});
    }
    return edits;
}

void append(CdiEdits& all, const CdiEdits& more) {
    const auto add = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
    add(all.environment, more.environment);
    add(all.devices, more.devices);
    add(all.mounts, more.mounts);
    add(all.groups, more.groups);
    add(all.hooks, more.hooks);
}

std::string kindOf(const std::string& name) { return name.substr(0, name.find('=')); }
std::string deviceOf(const std::string& name) { return name.substr(name.find('=') + 1); }
bool isNumber(const std::string& text) { return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos; }

/// "0", "1", ..., "10" before names.
bool inOrder(const std::string& left, const std::string& right) {
    const std::string a = deviceOf(left), b = deviceOf(right);
    if (isNumber(a) && isNumber(b)) return a.size() != b.size() ? a.size() < b.size() : a < b;
    return isNumber(a) != isNumber(b) ? isNumber(a) : a < b;
}

Error notSelected(const DeviceRequest& request) {
    return Error::of("could not select device driver \"{}\" with capabilities: [[{}]]", request.driver, fmt::join(request.capabilities, " "));
}

}  // namespace

bool isCdiName(std::string_view text) {
    const size_t slash = text.find('/'), equals = text.find('=');
    if (slash == std::string_view::npos || equals == std::string_view::npos || slash == 0 || equals < slash + 2 || equals + 1 == text.size()) return false;
    const auto fits = [](std::string_view part, std::string_view signs) {
        return std::all_of(part.begin(), part.end(), [&](unsigned char c) { return std::isalnum(c) || signs.find(static_cast<char>(c)) != signs.npos; });
    };
    return fits(text.substr(0, slash), "_-.") && fits(text.substr(slash + 1, equals - slash - 1), "_-.") && fits(text.substr(equals + 1), "_-.:");
}

CdiDevices::CdiDevices(const Folders& folders) {
    for (const fs::path& folder : folders) {
        std::error_code missing;
        std::set<fs::path> files;
        for (const auto& entry : fs::directory_iterator(folder, missing)) {
            const fs::path extension = entry.path().extension();
            if (extension == ".json" || extension == ".yaml" || extension == ".yml") files.insert(entry.path());
        }
        for (const fs::path& file : files) read(file);
    }
}

void CdiDevices::read(const fs::path& file) {
    try {
        const YAML::Node root = YAML::LoadFile(file.string());
        const std::string kind = root["kind"].as<std::string>();
        const CdiEdits ofAll = editsFrom(root["containerEdits"]);
        for (const YAML::Node& device : root["devices"]) {
            const std::string name = kind + "=" + device["name"].as<std::string>();
            if (!isCdiName(name)) throw Error::of("\"{}\" is no name of a device", name);
            devices_[name] = {editsFrom(device["containerEdits"]), ofAll, file.string()};
        }
    } catch (const YAML::Exception& error) {
        unreadable_.push_back(fmt::format("{}:{}:{}: {}", file.string(), error.mark.line + 1, error.mark.column + 1, error.msg));
    } catch (const Error& error) {
        unreadable_.push_back(fmt::format("{}: {}", file.string(), error.what()));
    }
}

std::string CdiDevices::hint() const {
    if (!unreadable_.empty()) return fmt::format("{}", fmt::join(unreadable_, "; "));
    return "the specifications of devices are in /etc/cdi and /var/run/cdi; NVIDIA's is written by `nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml`";
}

std::vector<std::string> CdiDevices::select(const DeviceRequest& request) const {
    if (request.driver == "cdi") return request.ids;
    const auto wants = [&](const char* capability) { return std::find(request.capabilities.begin(), request.capabilities.end(), capability) != request.capabilities.end(); };
    std::vector<std::string> kinds;
    if (!request.driver.empty()) kinds = {request.driver + ".com/gpu"};
    else if (wants("gpu")) kinds = {"nvidia.com/gpu", "amd.com/gpu"};
    if (request.driver.empty() && wants("gpu"))
        for (const auto& [name, device] : devices_)
            if (kindOf(name).ends_with("/gpu")) kinds.push_back(kindOf(name));
    for (const std::string& kind : kinds) {
        const bool known = std::any_of(devices_.begin(), devices_.end(), [&](const auto& device) { return kindOf(device.first) == kind; });
        if (known) return ofKind(kind, request);
    }
    throw notSelected(request).hint(hint());
}

std::vector<std::string> CdiDevices::ofKind(const std::string& kind, const DeviceRequest& request) const {
    std::vector<std::string> names;
    if (!request.ids.empty()) {
        for (const std::string& id : request.ids) names.push_back(isCdiName(id) ? id : kind + "=" + id);
        return names;
    }
    const std::string all = kind + "=all";
    if (request.count < 0 && devices_.contains(all)) return {all};
    for (const auto& [name, device] : devices_)
        if (kindOf(name) == kind && name != all) names.push_back(name);
    // A card has a number and other names: where there are numbers, each card is counted once.
    if (std::any_of(names.begin(), names.end(), [](const std::string& name) { return isNumber(deviceOf(name)); }))
        std::erase_if(names, [](const std::string& name) { return !isNumber(deviceOf(name)); });
    std::sort(names.begin(), names.end(), inOrder);
    if (request.count < 0) return names;
    const auto count = static_cast<size_t>(request.count);
    if (count > names.size()) throw notSelected(request).hint(fmt::format("{} were asked for, {} has {}", count, kind, names.size()));
    names.resize(count);
    return names;
}

CdiEdits CdiDevices::edits(const std::vector<std::string>& names) const {
    std::vector<std::string> unknown;
    std::set<std::string> files, seen;
    CdiEdits all;
    for (const std::string& name : names) {
        const auto found = devices_.find(name);
        if (found == devices_.end()) {
            unknown.push_back(name);
            continue;
        }
        if (files.insert(found->second.file).second) append(all, found->second.ofAll);
        if (seen.insert(name).second) append(all, found->second.own);
    }
    if (!unknown.empty()) throw Error::of("CDI device injection failed: unresolvable CDI devices {}", fmt::join(unknown, ", ")).hint(hint());
    return all;
}

bool wantsCdi(const ContainerSpec& spec) {
    return !spec.deviceRequests.empty() || std::any_of(spec.devices.begin(), spec.devices.end(), [](const DeviceSpec& device) { return isCdiName(device.source); });
}

CdiEdits cdiEditsFor(const ContainerSpec& spec, const CdiDevices& devices) {
    std::vector<std::string> names;
    for (const DeviceSpec& device : spec.devices)
        if (isCdiName(device.source)) names.push_back(device.source);
    for (const DeviceRequest& request : spec.deviceRequests) {
        const std::vector<std::string> chosen = devices.select(request);
        names.insert(names.end(), chosen.begin(), chosen.end());
    }
    return devices.edits(names);
}

}  // namespace devc::engine
