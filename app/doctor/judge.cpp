#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "app/doctor/doctor.h"
#include "app/ui/human.h"
#include "engine/linux/caps.h"

namespace devc::app {
namespace {

constexpr int neededMajor = 5, neededMinor = 14;  // mount_setattr(2), cgroup.kill
constexpr std::uint64_t littleSpace = 1'000'000'000;

std::string joined(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, ", ")); }

std::vector<std::string> without(const std::vector<std::string>& wanted, const std::vector<std::string>& present) {
    std::vector<std::string> missing;
    for (const std::string& word : wanted)
        if (std::find(present.begin(), present.end(), word) == present.end()) missing.push_back(word);
    return missing;
}

Finding kernel(const HostFacts& facts) {
    int major = 0, minor = 0;
    const char* end = facts.kernel.data() + facts.kernel.size();
    const auto first = std::from_chars(facts.kernel.data(), end, major);
    if (first.ptr != end && *first.ptr == '.') std::from_chars(first.ptr + 1, end, minor);
    if (major > neededMajor || (major == neededMajor && minor >= neededMinor)) return {Verdict::Ok, "kernel " + facts.kernel, ""};
    return {Verdict::Missing, fmt::format("kernel {}: too old", facts.kernel), fmt::format("boot Linux {}.{} or later", neededMajor, neededMinor)};
}

Finding namespaces(const HostFacts& facts) {
    const auto missing = without({"mnt", "pid", "net", "ipc", "uts", "cgroup"}, facts.namespaces);
    if (missing.empty()) return {Verdict::Ok, "namespaces", ""};
    return {Verdict::Missing, "namespaces: the kernel has none of " + joined(missing), "a kernel with CONFIG_NAMESPACES and its kinds is needed"};
}

void cgroups(const HostFacts& facts, std::vector<Finding>& findings) {
    if (facts.cgroupVersion == 0) {
        findings.push_back({Verdict::Missing, "cgroups: none are mounted", "mount -t cgroup2 none /sys/fs/cgroup"});
        return;
    }
    const bool second = facts.cgroupVersion == 2;
    // Version 2 has programs for devices and a file of every group for pausing.
    const auto missing = second ? std::vector<std::string>{} : without({"devices", "freezer"}, facts.controllers);
    if (!missing.empty())
        findings.push_back({Verdict::Missing, "cgroups: version 1 without " + joined(missing), "mount these hierarchies below /sys/fs/cgroup, or cgroup2 alone"});
    else findings.push_back({Verdict::Ok, fmt::format("cgroups: version {}", facts.cgroupVersion), ""});
    const auto fewer = without({"cpu", "memory", "pids", "cpuset", second ? "io" : "blkio"}, facts.controllers);
    if (!fewer.empty())
        findings.push_back({Verdict::Note, "cgroups: without " + joined(fewer) + ": limits of these are ignored",
                            second ? "take cgroup_disable= off the kernel's command line, and unmount hierarchies of version 1 that hold them"
                                   : "take cgroup_disable= off the kernel's command line, and mount these hierarchies below /sys/fs/cgroup"});
}

void files(const HostFacts& facts, std::vector<Finding>& findings) {
    if (facts.overlayProblem.empty()) findings.push_back({Verdict::Ok, "overlayfs", ""});
    else findings.push_back({Verdict::Missing, "overlayfs: " + facts.overlayProblem, "modprobe overlay"});
    for (const FolderFacts& folder : facts.folders) {
        if (!folder.problem.empty())
            findings.push_back({Verdict::Missing, folder.path + ": " + folder.problem, "run as root, or choose another place with DEVC_STATE_DIR and DEVC_RUN_DIR"});
        else if (folder.overlay)
            findings.push_back({Verdict::Missing, folder.path + ": lies on an overlay file system, which cannot hold layers", "choose a place on a disk with DEVC_STATE_DIR"});
        else if (folder.freeBytes < littleSpace)
            findings.push_back({Verdict::Note, fmt::format("{}: only {} free", folder.path, humanSize(static_cast<double>(folder.freeBytes))), "`devc system prune` frees what is not used"});
        else findings.push_back({Verdict::Ok, fmt::format("{}: writable, {} free", folder.path, humanSize(static_cast<double>(folder.freeBytes))), ""});
    }
    if (!facts.missingHelpers.empty())
        findings.push_back({Verdict::Missing, "programs beside devc: no " + joined(facts.missingHelpers), "install devc with its helpers in one folder"});
}

void network(const HostFacts& facts, std::vector<Finding>& findings) {
    if (facts.firewallProblem.empty()) findings.push_back({Verdict::Ok, "nftables", ""});
    else findings.push_back({Verdict::Missing, "nftables: " + facts.firewallProblem, "modprobe nf_tables, as root; networks and published ports need it"});
    if (!facts.missingInterfaces.empty())
        findings.push_back({Verdict::Missing, fmt::format("network interfaces: the kernel has no {}", joined(facts.missingInterfaces)),
                            fmt::format("modprobe {}; containers with networks need it", fmt::join(facts.missingInterfaces, " "))});
    if (!facts.droppingChains.empty())
        findings.push_back({Verdict::Ok, "other firewalls drop what they do not know (" + joined(facts.droppingChains) + "): devc's bridges are let through while there are networks", ""});
    if (facts.bridgedThroughFirewall) findings.push_back({Verdict::Ok, "br_netfilter: packets between containers pass the firewall, which lets devc's through", ""});
    if (facts.forwards == true) findings.push_back({Verdict::Ok, "ip_forward is on", ""});
    else if (facts.forwards == false) findings.push_back({Verdict::Ok, "ip_forward is off: the first network turns it on", ""});
    else findings.push_back({Verdict::Note, "ip_forward cannot be read: containers may not reach the world", "mount /proc with /proc/sys"});
}

void privileges(const HostFacts& facts, std::vector<Finding>& findings) {
    std::vector<std::string> missing;
    for (const char* name : {"CAP_SYS_ADMIN", "CAP_NET_ADMIN", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_MKNOD", "CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP", "CAP_KILL"})
        if ((facts.capabilities & engine::capabilityBit(name)) == 0) missing.emplace_back(name);
    if (missing.empty()) findings.push_back({Verdict::Ok, "capabilities", ""});
    else findings.push_back({Verdict::Missing, "capabilities: " + joined(missing), "run devc as root"});
    if ((facts.capabilities & engine::capabilityBit("CAP_SYS_RESOURCE")) == 0)
        findings.push_back({Verdict::Note, "CAP_SYS_RESOURCE: limits (ulimits, oom_score_adj) stay within those of the caller", "run devc with this capability, or raise the caller's own limits"});
    if (facts.seccomp) findings.push_back({Verdict::Ok, "seccomp", ""});
    else findings.push_back({Verdict::Missing, "seccomp: the kernel has no filters", "a kernel with CONFIG_SECCOMP_FILTER is needed"});
    if (facts.userNamespaces > 0) findings.push_back({Verdict::Ok, "user namespaces", ""});
    else findings.push_back({Verdict::Note, "user namespaces: none are allowed; userns modes do not work", "sysctl -w user.max_user_namespaces=15000"});
}

void rootless(const RootlessFacts& facts, std::vector<Finding>& findings) {
    const std::size_t before = findings.size();
    if (!facts.forbidding.empty()) {
        const std::size_t equals = facts.forbidding.find('=');
        const bool isOff = facts.forbidding.ends_with("=0");
        findings.push_back({Verdict::Note, "rootless: users may make no user namespaces (" + facts.forbidding + ")",
                            fmt::format("sysctl -w {}={}", facts.forbidding.substr(0, equals), isOff ? 1 : 0)});
    }
    if (!facts.missingPrograms.empty()) findings.push_back({Verdict::Note, "rootless: no " + joined(facts.missingPrograms), "apt install uidmap"});
    if (!facts.filesWithout.empty())
        findings.push_back({Verdict::Note, fmt::format("rootless: {} has no ids in {}", facts.user, joined(facts.filesWithout)),
                            fmt::format("usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {}", facts.user)});
    if (findings.size() == before) findings.push_back({Verdict::Ok, "rootless: what it builds on is here (devc itself needs root)", ""});
}

}  // namespace

std::vector<Finding> judge(const HostFacts& facts) {
    std::vector<Finding> findings = {kernel(facts), namespaces(facts)};
    cgroups(facts, findings);
    files(facts, findings);
    network(facts, findings);
    privileges(facts, findings);
    rootless(facts.rootless, findings);
    return findings;
}

std::string textOf(const std::vector<Finding>& findings) {
    constexpr const char* words[] = {"ok", "note", "missing"};
    std::string text;
    for (const Finding& finding : findings) {
        text += fmt::format("{:<8} {}\n", words[static_cast<int>(finding.verdict)], finding.what);
        if (!finding.remedy.empty()) text += fmt::format("{:<8} remedy: {}\n", "", finding.remedy);
    }
    return text;
}

}  // namespace devc::app
