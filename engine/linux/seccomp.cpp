#include "engine/linux/seccomp.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/linux/fd.h"

namespace devc::engine {

namespace {

using nlohmann::json;

constexpr std::pair<std::string_view, scmp_compare> comparisons[] = {
    {"SCMP_CMP_NE", SCMP_CMP_NE}, {"SCMP_CMP_LT", SCMP_CMP_LT}, {"SCMP_CMP_LE", SCMP_CMP_LE},
    {"SCMP_CMP_EQ", SCMP_CMP_EQ}, {"SCMP_CMP_GE", SCMP_CMP_GE}, {"SCMP_CMP_GT", SCMP_CMP_GT},
    {"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ},
};

/// Names of architectures as profiles write them in includes and excludes (Go's), and libseccomp's.
constexpr std::pair<std::string_view, std::uint32_t> goArchitectures[] = {
    {"amd64", SCMP_ARCH_X86_64}, {"x86", SCMP_ARCH_X86},         {"386", SCMP_ARCH_X86},      {"x32", SCMP_ARCH_X32},
    {"arm64", SCMP_ARCH_AARCH64}, {"arm", SCMP_ARCH_ARM},        {"s390x", SCMP_ARCH_S390X},  {"s390", SCMP_ARCH_S390},
    {"ppc64le", SCMP_ARCH_PPC64LE}, {"riscv64", SCMP_ARCH_RISCV64},
};

std::uint32_t actionOf(std::string_view name, unsigned errnoValue) {
    if (name == "SCMP_ACT_ALLOW") return SCMP_ACT_ALLOW;
    if (name == "SCMP_ACT_ERRNO") return SCMP_ACT_ERRNO(errnoValue);
    if (name == "SCMP_ACT_KILL" || name == "SCMP_ACT_KILL_THREAD") return SCMP_ACT_KILL_THREAD;
    if (name == "SCMP_ACT_KILL_PROCESS") return SCMP_ACT_KILL_PROCESS;
    if (name == "SCMP_ACT_TRAP") return SCMP_ACT_TRAP;
    if (name == "SCMP_ACT_LOG") return SCMP_ACT_LOG;
    if (name == "SCMP_ACT_TRACE") return SCMP_ACT_TRACE(errnoValue);
    throw Error::of("unknown action \"{}\"", name);
}

std::uint32_t actionFrom(const json& rule, const char* actionKey, const char* errnoKey) {
    return actionOf(rule.at(actionKey).get<std::string>(), rule.value(errnoKey, static_cast<unsigned>(EPERM)));
}

std::uint32_t architectureOf(std::string name) {
    if (!name.starts_with("SCMP_ARCH_")) throw Error::of("unknown architecture \"{}\"", name);
    std::string lower = name.substr(10);
    for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    std::uint32_t token = seccomp_arch_resolve_name(lower.c_str());
    if (token == 0) throw Error::of("unknown architecture \"{}\"", name);
    return token;
}

scmp_compare comparisonOf(std::string_view name) {
    for (const auto& [known, value] : comparisons) {
        if (known == name) return value;
    }
    throw Error::of("unknown comparison \"{}\"", name);
}

std::pair<int, int> versionOf(const char* text) {
    int major = 0, minor = 0;
    if (std::sscanf(text, "%d.%d", &major, &minor) != 2) throw Error::of("\"{}\" is not a kernel version", text);
    return {major, minor};
}

std::pair<int, int> runningKernel() {
    utsname names{};
    ::uname(&names);
    return versionOf(names.release);
}

/// A profile's `includes` and `excludes`: for whom a rule holds.
class Audience {
public:
    Audience(const std::set<std::string>& capabilities, std::set<std::uint32_t> architectures)
        : capabilities_(capabilities), architectures_(std::move(architectures)), kernel_(runningKernel()) {}

    bool includes(const json& rule) const {
        json include = conditions(rule, "includes"), exclude = conditions(rule, "excludes");
        for (const auto& capability : include.value("caps", json::array())) {
            if (!capabilities_.contains(capability.get<std::string>())) return false;
        }
        for (const auto& capability : exclude.value("caps", json::array())) {
            if (capabilities_.contains(capability.get<std::string>())) return false;
        }
        json arches = include.value("arches", json::array());
        if (!arches.empty() && !anyOf(arches)) return false;
        if (anyOf(exclude.value("arches", json::array()))) return false;
        std::string minimum = include.value("minKernel", std::string());
        if (!minimum.empty() && kernel_ < versionOf(minimum.c_str())) return false;
        minimum = exclude.value("minKernel", std::string());
        return minimum.empty() || kernel_ < versionOf(minimum.c_str());
    }

private:
    static json conditions(const json& rule, const char* key) {
        auto found = rule.find(key);
        return found == rule.end() || found->is_null() ? json::object() : *found;
    }
    bool anyOf(const json& arches) const {
        for (const auto& name : arches) {
            for (const auto& [known, token] : goArchitectures) {
                if (known == name.get<std::string>() && architectures_.contains(token)) return true;
            }
        }
        return false;
    }

    const std::set<std::string>& capabilities_;
    std::set<std::uint32_t> architectures_;
    std::pair<int, int> kernel_;
};

/// The native architecture and those that run beside it, as the profile wants.
std::set<std::uint32_t> architecturesOf(const json& profile) {
    std::uint32_t native = seccomp_arch_native();
    std::set<std::uint32_t> all{native};
    if (auto names = profile.find("architectures"); names != profile.end() && names->is_array()) {
        for (const auto& name : *names) all.insert(architectureOf(name.get<std::string>()));
    }
    if (auto map = profile.find("archMap"); map != profile.end() && map->is_array()) {
        for (const auto& entry : *map) {
            if (architectureOf(entry.at("architecture").get<std::string>()) != native) continue;
            for (const auto& name : entry.value("subArchitectures", json::array())) {
                all.insert(architectureOf(name.get<std::string>()));
            }
        }
    }
    return all;
}

std::vector<scmp_arg_cmp> argumentsOf(const json& rule) {
    std::vector<scmp_arg_cmp> arguments;
    auto given = rule.find("args");
    if (given == rule.end() || given->is_null()) return arguments;
    for (const auto& argument : *given) {
        scmp_arg_cmp compare{};
        compare.arg = argument.at("index").get<unsigned>();
        compare.op = comparisonOf(argument.at("op").get<std::string>());
        compare.datum_a = argument.value("value", std::uint64_t{0});
        compare.datum_b = argument.value("valueTwo", std::uint64_t{0});
        if (compare.arg > 5) throw Error::of("a system call has no argument {}", compare.arg);
        arguments.push_back(compare);
    }
    return arguments;
}

bool repeatsAnIndex(const std::vector<scmp_arg_cmp>& arguments) {
    std::set<unsigned> seen;
    for (const auto& argument : arguments) {
        if (!seen.insert(argument.arg).second) return true;
    }
    return false;
}

using Filter = std::unique_ptr<void, decltype(&seccomp_release)>;

void addRule(const Filter& filter, std::uint32_t action, const std::string& name, const std::vector<scmp_arg_cmp>& arguments) {
    int number = seccomp_syscall_resolve_name(name.c_str());
    if (number == __NR_SCMP_ERROR) return;  // a system call of another kernel or libseccomp: nothing to allow
    auto add = [&](const scmp_arg_cmp* compare, size_t count) {
        int status = seccomp_rule_add_array(filter.get(), action, number, static_cast<unsigned>(count), compare);
        // EACCES: the rule says the same as the default.
        if (status < 0 && status != -EACCES && status != -EEXIST) throw SystemError("add a rule for " + name, -status);
    };
    if (!repeatsAnIndex(arguments)) return add(arguments.data(), arguments.size());
    // libseccomp joins comparisons by "and"; several of one argument are meant as alternatives.
    for (const auto& argument : arguments) add(&argument, 1);
}

std::string exportProgram(const Filter& filter) {
    Fd memory(::memfd_create("seccomp", MFD_CLOEXEC));
    if (!memory) throw SystemError("create a memory file", errno);
    int status = seccomp_export_bpf(filter.get(), memory.get());
    if (status < 0) throw SystemError("compile the seccomp filter", -status);
    ::lseek(memory.get(), 0, SEEK_SET);
    std::string program;
    char chunk[8192];
    for (ssize_t got; (got = ::read(memory.get(), chunk, sizeof chunk)) > 0;) program.append(chunk, static_cast<size_t>(got));
    return program;
}

std::string compile(const json& profile, const std::set<std::string>& capabilities) {
    std::uint32_t byDefault = actionFrom(profile, "defaultAction", "defaultErrnoRet");
    Filter filter(seccomp_init(byDefault), &seccomp_release);
    if (!filter) throw Error::of("cannot make a seccomp filter");
    std::set<std::uint32_t> architectures = architecturesOf(profile);
    for (std::uint32_t architecture : architectures) {
        int status = seccomp_arch_add(filter.get(), architecture);
        if (status < 0 && status != -EEXIST) throw SystemError("add an architecture", -status);
    }
    seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_NNP, 0);
    seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);  // a binary tree of system calls: faster at run time
    Audience audience(capabilities, architectures);
    for (const auto& rule : profile.value("syscalls", json::array())) {
        if (!audience.includes(rule)) continue;
        std::uint32_t action = actionFrom(rule, "action", "errnoRet");
        if (action == byDefault) continue;
        std::vector<scmp_arg_cmp> arguments = argumentsOf(rule);
        if (rule.contains("name")) addRule(filter, action, rule["name"].get<std::string>(), arguments);
        for (const auto& name : rule.value("names", json::array())) addRule(filter, action, name.get<std::string>(), arguments);
    }
    return exportProgram(filter);
}

json architectureNames(const json& profile) {
    json names = profile.value("architectures", json::array());
    for (const json& entry : profile.value("archMap", json::array())) {
        if (architectureOf(entry.at("architecture").get<std::string>()) != seccomp_arch_native()) continue;
        names.push_back(entry.at("architecture"));
        for (const json& name : entry.value("subArchitectures", json::array())) names.push_back(name);
    }
    return names;
}

json plain(const json& profile, const std::set<std::string>& capabilities) {
    json out = {{"defaultAction", profile.at("defaultAction")}, {"architectures", architectureNames(profile)}, {"syscalls", json::array()}};
    if (profile.contains("defaultErrnoRet")) out["defaultErrnoRet"] = profile["defaultErrnoRet"];
    Audience audience(capabilities, architecturesOf(profile));
    for (json rule : profile.value("syscalls", json::array())) {
        if (!audience.includes(rule)) continue;
        if (rule.contains("name")) rule["names"] = json::array({rule["name"]});
        for (const char* key : {"name", "includes", "excludes", "comment"}) rule.erase(key);
        if (rule.contains("args") && rule["args"].is_null()) rule.erase("args");
        out["syscalls"].push_back(std::move(rule));
    }
    return out;
}

template <typename Work>
auto understood(std::string_view profile, const Work& work) {
    try {
        return work(json::parse(profile));
    } catch (const json::exception& error) {
        throw Error::of("the seccomp profile is not in docker's format: {}", error.what());
    } catch (Error& error) {
        throw error.during("seccomp profile");
    }
}

}  // namespace

std::string compileSeccomp(std::string_view profile, const std::set<std::string>& capabilities) {
    return understood(profile, [&](const json& parsed) { return compile(parsed, capabilities); });
}

std::string plainSeccomp(std::string_view profile, const std::set<std::string>& capabilities) {
    return understood(profile, [&](const json& parsed) { return plain(parsed, capabilities).dump(); });
}

}  // namespace devc::engine
