#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace devc::engine {
struct Host;
}

namespace devc::app {

/// A folder that devc keeps things in.
struct FolderFacts {
    std::string path;
    std::string problem;  ///< why nothing can be written there; empty: it can
    bool overlay = false;  ///< holds layers and lies on an overlay file system, which cannot
    std::uint64_t freeBytes = 0;
};

/// What an engine without root builds on. devc needs root; who thinks about other ways is told what this machine has.
struct RootlessFacts {
    std::string forbidding;  ///< the kernel's setting that keeps users from making user namespaces: "kernel.unprivileged_userns_clone=0"
    std::vector<std::string> missingPrograms;  ///< that map ids: "newuidmap"
    std::string user;                          ///< who called, behind sudo; empty: root himself
    std::vector<std::string> filesWithout;     ///< files that give this user no ids: "/etc/subuid"
};

/// What was seen of this machine.
struct HostFacts {
    std::string kernel;      ///< release: "6.1.0-18-amd64"
    int cgroupVersion = 0;   ///< 1 or 2; 0: none is mounted
    std::vector<std::string> controllers;  ///< "memory", "pids", ...
    std::vector<std::string> namespaces;   ///< files of /proc/self/ns
    std::string overlayProblem;            ///< empty: the kernel has overlayfs
    bool seccomp = false;
    std::uint64_t userNamespaces = 0;  ///< how many are allowed
    std::string firewallProblem;       ///< empty: nftables answers
    std::vector<std::string> missingInterfaces;  ///< kinds of network interfaces that the kernel does not have: "veth"
    std::vector<std::string> droppingChains;  ///< forward chains of other programs that drop what they do not know: "filter FORWARD"
    bool bridgedThroughFirewall = false;      ///< br_netfilter
    std::optional<bool> forwards;             ///< ip_forward; none: it cannot be read
    std::uint64_t capabilities = 0;           ///< effective, a bit each
    std::vector<FolderFacts> folders;
    std::vector<std::string> missingHelpers;  ///< programs that belong beside devc
    RootlessFacts rootless;
};

/// Looks; changes nothing that stays.
HostFacts look(const engine::Host& host);

enum class Verdict { Ok, Note, Missing };

/// One line of `devc doctor`. Note: works, with less. Missing: devc cannot work without it.
struct Finding {
    Verdict verdict = Verdict::Ok;
    std::string what;    ///< "cgroups: version 2 with cpu, memory, pids"
    std::string remedy;  ///< empty if there is none needed
};

/// What the facts mean. Pure.
std::vector<Finding> judge(const HostFacts& facts);

/// "ok       kernel 6.1.0" and, where there is one, the remedy below.
std::string textOf(const std::vector<Finding>& findings);

}  // namespace devc::app
