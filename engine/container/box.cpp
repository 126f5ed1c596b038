#include "engine/container/box.h"

#include <algorithm>
#include <cctype>
#include <sys/capability.h>

#include <nlohmann/json.hpp>

#include "engine/error.h"

namespace devc::engine {

using nlohmann::json;

namespace {

constexpr std::string_view masked[] = {
    "/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
    "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
    "/sys/devices/virtual/powercap", "/sys/devices/system/cpu/cpu0/thermal_throttle",
};

constexpr std::string_view readOnly[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};

constexpr std::string_view defaultCapabilities[] = {
    "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
    "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SYS_CHROOT", "CAP_MKNOD", "CAP_AUDIT_WRITE", "CAP_SETFCAP",
};

std::string nameOf(cap_value_t number) {
    char* text = ::cap_to_name(number);
    std::string name = text ? text : "";
    ::cap_free(text);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return name;
}

/// "net_admin" and "CAP_NET_ADMIN" -> "CAP_NET_ADMIN"; "all" -> "ALL".
std::string normalized(const std::string& given) {
    std::string name = given;
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (name == "ALL") return name;
    if (!name.starts_with("CAP_")) name = "CAP_" + name;
    cap_value_t number;
    if (::cap_from_name(name.c_str(), &number) != 0) {
        throw Error::of("unknown capability: \"{}\"", given).hint("capabilities(7) lists their names");
    }
    return name;
}

std::set<std::string> allCapabilities() {
    std::set<std::string> all;
    for (cap_value_t number = 0; number < ::cap_max_bits(); ++number) all.insert(nameOf(number));
    return all;
}

json mount(const char* target, const char* type, const char* source, std::vector<std::string> options) {
    return {{"destination", target}, {"type", type}, {"source", source}, {"options", std::move(options)}};
}

}  // namespace

std::span<const std::string_view> maskedPaths() { return masked; }
std::span<const std::string_view> readOnlyPaths() { return readOnly; }

json defaultMounts(bool privileged, std::int64_t shmSize) {
    const char* access = privileged ? "rw" : "ro";
    std::int64_t shm = shmSize > 0 ? shmSize : 64 << 20;
    return json::array({
        mount("/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}),
        mount("/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}),
        mount("/dev/pts", "devpts", "devpts", {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}),
        mount("/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", access}),
        mount("/sys/fs/cgroup", "cgroup", "cgroup", {access, "nosuid", "noexec", "nodev"}),
        mount("/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}),
        mount("/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777", "size=" + std::to_string(shm)}),
    });
}

json defaultDeviceRules() {
    auto rule = [](bool allow, const char* type, std::int64_t major, std::int64_t minor, const char* access) {
        json out = {{"allow", allow}, {"access", access}};
        if (*type) out["type"] = type;
        if (major >= 0) out["major"] = major;
        if (minor >= 0) out["minor"] = minor;
        return out;
    };
    return json::array({
        rule(false, "", -1, -1, "rwm"),
        rule(true, "c", -1, -1, "m"),      // making device nodes is harmless: opening them is not allowed
        rule(true, "b", -1, -1, "m"),
        rule(true, "c", 1, 3, "rwm"),      // null
        rule(true, "c", 1, 5, "rwm"),      // zero
        rule(true, "c", 1, 7, "rwm"),      // full
        rule(true, "c", 1, 8, "rwm"),      // random
        rule(true, "c", 1, 9, "rwm"),      // urandom
        rule(true, "c", 5, 0, "rwm"),      // tty
        rule(true, "c", 5, 1, "rwm"),      // console
        rule(true, "c", 5, 2, "rwm"),      // ptmx
        rule(true, "c", 136, -1, "rwm"),   // pts
    });
}

std::set<std::string> ownCapabilities() {
    std::set<std::string> own;
    cap_t state = ::cap_get_proc();
    for (cap_value_t number = 0; state && number < ::cap_max_bits(); ++number) {
        cap_flag_value_t value = CAP_CLEAR;
        if (::cap_get_flag(state, number, CAP_PERMITTED, &value) == 0 && value == CAP_SET) own.insert(nameOf(number));
    }
    ::cap_free(state);
    return own;
}

std::set<std::string> capabilitiesOf(const ContainerSpec& spec, const std::set<std::string>& available) {
    std::set<std::string> add, drop, chosen;
    for (const std::string& name : spec.capAdd) add.insert(normalized(name));
    for (const std::string& name : spec.capDrop) drop.insert(normalized(name));
    if (spec.privileged || add.contains("ALL")) chosen = allCapabilities();
    else if (!drop.contains("ALL")) chosen.insert(std::begin(defaultCapabilities), std::end(defaultCapabilities));
    for (const std::string& name : drop) chosen.erase(name);
    chosen.insert(add.begin(), add.end());
    std::erase_if(chosen, [&](const std::string& name) { return !available.contains(name); });
    return chosen;
}

}  // namespace devc::engine
