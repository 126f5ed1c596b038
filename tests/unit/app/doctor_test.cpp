#include <algorithm>

#include <doctest/doctest.h>

#include "app/doctor/doctor.h"
#include "engine/linux/caps.h"

using namespace devc::app;

namespace {

/// A machine that has everything.
HostFacts wellHost() {
    HostFacts facts;
    facts.kernel = "6.1.0-18-amd64";
    facts.cgroupVersion = 2;
    facts.controllers = {"cpuset", "cpu", "io", "memory", "pids"};
    facts.namespaces = {"mnt", "pid", "net", "ipc", "uts", "cgroup", "user"};
    facts.seccomp = true;
    facts.userNamespaces = 1000;
    facts.forwards = true;
    facts.capabilities = ~std::uint64_t{0};
    facts.folders = {{"/var/lib/devc", "", false, 100'000'000'000}};
    return facts;
}

/// The findings that are not ok, "missing: WHAT | REMEDY".
std::vector<std::string> complaints(const HostFacts& facts) {
    std::vector<std::string> result;
    for (const Finding& finding : judge(facts))
        if (finding.verdict != Verdict::Ok) result.push_back((finding.verdict == Verdict::Note ? "note: " : "missing: ") + finding.what);
    return result;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("nothing is wrong with a machine that has everything") { CHECK(complaints(wellHost()) == Lines{}); }

TEST_CASE("every finding that is not ok has a remedy") {
    HostFacts nothing;
    for (const Finding& finding : judge(nothing))
        if (finding.verdict != Verdict::Ok) CHECK_MESSAGE(!finding.remedy.empty(), finding.what);
}

TEST_CASE("an old kernel is too old, by number and not by letters") {
    HostFacts facts = wellHost();
    facts.kernel = "5.4.0";
    CHECK(complaints(facts) == Lines{"missing: kernel 5.4.0: too old"});
    for (const char* good : {"5.14.0", "5.15.1-generic", "10.0"}) {
        facts.kernel = good;
        CHECK(complaints(facts) == Lines{});
    }
}

TEST_CASE("a controller that only limits need is noted, one that every container needs is missing") {
    HostFacts facts = wellHost();
    facts.controllers = {"cpu", "memory"};
    CHECK(complaints(facts) == Lines{"note: cgroups: without pids, cpuset, io: limits of these are ignored"});
    facts.cgroupVersion = 1;
    facts.controllers = {"cpuset", "cpu", "blkio", "memory", "pids", "devices"};
    CHECK(complaints(facts) == Lines{"missing: cgroups: version 1 without freezer"});
    facts.cgroupVersion = 0;
    CHECK(complaints(facts) == Lines{"missing: cgroups: none are mounted"});
}

TEST_CASE("networks need bridges and pairs of interfaces") {
    HostFacts facts = wellHost();
    facts.missingInterfaces = {"veth"};
    CHECK(complaints(facts) == Lines{"missing: network interfaces: the kernel has no veth"});
}

TEST_CASE("without CAP_SYS_RESOURCE devc works with less, without CAP_NET_ADMIN not at all") {
    HostFacts facts = wellHost();
    facts.capabilities &= ~devc::engine::capabilityBit("CAP_SYS_RESOURCE");
    CHECK(complaints(facts).at(0).starts_with("note: CAP_SYS_RESOURCE"));
    facts = wellHost();
    facts.capabilities &= ~devc::engine::capabilityBit("CAP_NET_ADMIN");
    CHECK(complaints(facts) == Lines{"missing: capabilities: CAP_NET_ADMIN"});
}

TEST_CASE("folders are judged by what can be done there") {
    HostFacts facts = wellHost();
    facts.folders = {{"/a", "Read-only file system", false, 0}, {"/b", "", true, 100'000'000'000}, {"/c", "", false, 5'000'000}};
    CHECK(complaints(facts) == Lines{"missing: /a: Read-only file system", "missing: /b: lies on an overlay file system, which cannot hold layers", "note: /c: only 5MB free"});
}

TEST_CASE("the text has a line a finding, and the remedy below it") {
    CHECK(textOf({{Verdict::Ok, "seccomp", ""}, {Verdict::Missing, "overlayfs: no such device", "modprobe overlay"}}) ==
          "ok       seccomp\nmissing  overlayfs: no such device\n         remedy: modprobe overlay\n");
}

TEST_CASE("what an engine without root would miss is noted, and how to get it") {
    HostFacts facts = wellHost();
    facts.rootless = {"kernel.unprivileged_userns_clone=0", {"newuidmap", "newgidmap"}, "anna", {"/etc/subgid"}};
    CHECK(complaints(facts) == Lines{"note: rootless: users may make no user namespaces (kernel.unprivileged_userns_clone=0)", "note: rootless: no newuidmap, newgidmap",
                                     "note: rootless: anna has no ids in /etc/subgid"});
    CHECK(textOf(judge(facts)).find("remedy: sysctl -w kernel.unprivileged_userns_clone=1") != std::string::npos);
}
