#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "engine/linux/seccomp.h"
#include "engine/monitor/oci_runtime.h"

using namespace devc::engine;
using nlohmann::json;

namespace {

const json config = {
    {"root", {{"path", "/elsewhere"}, {"readonly", true}}},
    {"process", {{"args", {"sh", "-c", "x"}}, {"env", {"A=b"}}, {"user", {{"uid", 0}, {"gid", 0}}}}},
    {"mounts", json::array()},
    {"linux", {{"namespaces", {{{"type", "network"}}, {{"type", "pid"}}}}, {"cgroupsPath", "abc"},
               {"resources", {{"devices", {{{"allow", false}}}}, {"memory", {{"limit", 1}}}}}}}};

BundleChanges changes() {
    BundleChanges c;
    c.root = "/run/rootfs";
    c.user = {7, 8, {8, 9, 9}, "/home/seven"};
    c.networkNamespace = "/proc/1/fd/5";
    c.cgroup = "/devc/abc";
    return c;
}

int statusOf(const char* message) { return runtimeFailure("runc", json({{"level", "error"}, {"msg", message}}).dump() + "\n").exitStatus(); }

}  // namespace

TEST_CASE("another runtime is given what devc has made already") {
    json made = json::parse(bundleConfig(config.dump(), changes()));
    CHECK(made["root"] == json({{"path", "/run/rootfs"}, {"readonly", true}}));
    CHECK(made["process"]["user"] == json({{"uid", 7}, {"gid", 8}, {"additionalGids", {8, 9}}}));
    CHECK(made["process"]["env"] == json({"A=b", "HOME=/home/seven"}));
    CHECK(made["process"]["args"] == config["process"]["args"]);
    CHECK(made["linux"]["namespaces"] == json({{{"type", "network"}, {"path", "/proc/1/fd/5"}}, {{"type", "pid"}}}));
    CHECK(made["linux"]["cgroupsPath"] == "/devc/abc");
    CHECK(made["linux"]["resources"] == json({{"devices", {{{"allow", false}}}}}));
    CHECK_FALSE(made["process"].contains("consoleSize"));
}

TEST_CASE("an init of devc's is mounted and run before the program") {
    BundleChanges with = changes();
    with.initProgram = "/usr/lib/devc-monitor";
    json made = json::parse(bundleConfig(config.dump(), with));
    CHECK(made["process"]["args"] == json({"/dev/devc-init", "init", "sh", "-c", "x"}));
    CHECK(made["mounts"].at(0)["source"] == "/usr/lib/devc-monitor");
}

TEST_CASE("a runtime's failure has docker's status") {
    CHECK(statusOf("exec: \"nope\": executable file not found in $PATH") == 127);
    CHECK(statusOf("exec: \"/nope\": stat /nope: no such file or directory") == 127);
    CHECK(statusOf("exec: \"/tmp\": permission denied") == 126);
    CHECK(statusOf("cgroups in hybrid mode not supported") == 125);
    CHECK(runtimeFailure("runc", "").exitStatus() == 125);
    std::string log = "{\"level\":\"warning\",\"msg\":\"w\"}\n{\"level\":\"error\",\"msg\":\"first\"}\nnoise\n{\"level\":\"error\",\"msg\":\"last\"}\n";
    CHECK(std::string(runtimeFailure("runc", log).what()) == "OCI runtime create failed: runc: last");
}

TEST_CASE("a seccomp profile for another runtime has the rules that hold for the capabilities") {
    const char* profile = R"({"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":1,"syscalls":[
        {"names":["read"],"action":"SCMP_ACT_ALLOW","args":null},
        {"names":["mount"],"action":"SCMP_ACT_ALLOW","includes":{"caps":["CAP_SYS_ADMIN"]}},
        {"name":"clone","action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":1,"op":"SCMP_CMP_EQ"}],"excludes":{"caps":["CAP_SYS_ADMIN"]}}]})";
    json made = json::parse(plainSeccomp(profile, {}));
    CHECK(made["defaultErrnoRet"] == 1);
    REQUIRE(made["syscalls"].size() == 2);
    CHECK(made["syscalls"][0] == json({{"names", {"read"}}, {"action", "SCMP_ACT_ALLOW"}}));
    CHECK(made["syscalls"][1]["names"] == json({"clone"}));
    CHECK(made["syscalls"][1]["args"][0]["index"] == 0);
    CHECK(json::parse(plainSeccomp(profile, {"CAP_SYS_ADMIN"}))["syscalls"][1]["names"] == json({"mount"}));
}
