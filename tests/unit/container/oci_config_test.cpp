#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "engine/container/box.h"
#include "engine/container/oci_config.h"
#include "engine/error.h"

using namespace devc::engine;
using nlohmann::json;

namespace {

OciInput plainInput() {
    OciInput input;
    input.id = std::string(64, 'a');
    input.arguments = {"sleep", "1000"};
    input.hostname = "aaaaaaaaaaaa";
    input.rootPath = "/state/merged";
    ContainerSpec everything;
    everything.privileged = true;
    for (const char* name : {"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
                             "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SYS_CHROOT", "CAP_MKNOD", "CAP_AUDIT_WRITE",
                             "CAP_SETFCAP", "CAP_SYS_ADMIN", "CAP_NET_ADMIN"}) {
        input.availableCapabilities.insert(name);
    }
    return input;
}

std::vector<std::string> destinations(const json& config) {
    std::vector<std::string> out;
    for (const auto& mount : config["mounts"]) out.push_back(mount["destination"]);
    return out;
}

std::vector<std::string> namespaces(const json& config) {
    std::vector<std::string> out;
    for (const auto& entry : config["linux"]["namespaces"]) out.push_back(entry["type"]);
    return out;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("the default box is docker's") {
    json config = ociConfig({}, plainInput());
    CHECK(config["process"]["capabilities"]["bounding"].size() == 14);
    CHECK(config["process"]["capabilities"]["bounding"] == config["process"]["capabilities"]["effective"]);
    CHECK_FALSE(config["process"]["capabilities"].contains("ambient"));
    CHECK_FALSE(config["process"]["noNewPrivileges"].get<bool>());
    CHECK(destinations(config) == Texts{"/proc", "/dev", "/dev/pts", "/sys", "/sys/fs/cgroup", "/dev/mqueue", "/dev/shm"});
    CHECK(namespaces(config) == Texts{"mount", "network", "pid", "ipc", "uts", "cgroup"});
    CHECK(config["linux"]["readonlyPaths"] == json({"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}));
    CHECK(config["linux"]["maskedPaths"].size() == 13);
    CHECK(config["linux"]["resources"]["devices"][0] == json({{"allow", false}, {"access", "rwm"}}));
    CHECK(config["process"]["cwd"] == "/");
    CHECK(config["hostname"] == "aaaaaaaaaaaa");
}

TEST_CASE("privileged has no masks, all devices and writable /sys") {
    ContainerSpec spec;
    spec.privileged = true;
    json config = ociConfig(spec, plainInput());
    CHECK(config["linux"]["maskedPaths"].empty());
    CHECK(config["linux"]["readonlyPaths"].empty());
    CHECK(config["linux"]["resources"]["devices"] == json::array({{{"allow", true}, {"access", "rwm"}}}));
    CHECK(config["process"]["capabilities"]["bounding"].size() == 16);
    CHECK(config["mounts"][3]["options"].back() == "rw");
}

TEST_CASE("capabilities are added and dropped in any spelling") {
    OciInput input = plainInput();
    ContainerSpec spec;
    spec.capDrop = {"all"};
    spec.capAdd = {"net_bind_service", "CAP_NET_ADMIN"};
    CHECK(capabilitiesOf(spec, input.availableCapabilities) == std::set<std::string>{"CAP_NET_ADMIN", "CAP_NET_BIND_SERVICE"});
    spec = {};
    spec.capDrop = {"NET_RAW"};
    CHECK(capabilitiesOf(spec, input.availableCapabilities).size() == 13);
    spec.capAdd = {"NONSENSE"};
    CHECK_THROWS_AS(capabilitiesOf(spec, input.availableCapabilities), Error);
}

TEST_CASE("what this process lacks itself is not promised") {
    ContainerSpec spec;
    spec.capAdd = {"ALL"};
    CHECK(capabilitiesOf(spec, {"CAP_CHOWN"}) == std::set<std::string>{"CAP_CHOWN"});
}

TEST_CASE("the environment has the engine's, the image's and the service's in this order") {
    ContainerSpec spec;
    spec.tty = true;
    spec.environment = {"B=service", "C=3", "GONE"};
    ImageConfig image;
    image.environment = {"PATH=/image", "B=image", "GONE=1"};
    CHECK(environmentOf(spec, image, "box") == Texts{"PATH=/image", "HOSTNAME=box", "TERM=xterm", "B=service", "C=3"});
}

TEST_CASE("an entrypoint sets the image's command aside") {
    ImageConfig image;
    image.entrypoint = {"/entry"};
    image.command = {"image"};
    ContainerSpec spec;
    CHECK(argumentsOf(spec, image) == Texts{"/entry", "image"});
    spec.command = Texts{"own"};
    CHECK(argumentsOf(spec, image) == Texts{"/entry", "own"});
    spec.command.reset();
    spec.entrypoint = Texts{"/other"};
    CHECK(argumentsOf(spec, image) == Texts{"/other"});
    spec.entrypoint = Texts{};
    CHECK_THROWS_AS(argumentsOf(spec, image), Error);
}

TEST_CASE("mounts come in the order of their depth, after the standard ones, and stand instead of them") {
    OciInput input = plainInput();
    input.mounts = {{"bind", "/h", "/d/h", {}}, {"bind", "/deep", "/d/h/in", {}}, {"bind", "/top", "/d", {}}, {"tmpfs", "tmpfs", "/dev/shm", {}}};
    json config = ociConfig({}, input);
    CHECK(destinations(config) ==
          Texts{"/proc", "/dev", "/dev/pts", "/sys", "/sys/fs/cgroup", "/dev/mqueue", "/d", "/d/h", "/dev/shm", "/d/h/in"});
}

TEST_CASE("namespaces are shared, joined or new") {
    OciInput input = plainInput();
    input.joined = {{"pid", "/proc/7/ns/pid"}};
    ContainerSpec spec;
    spec.networkMode = "host";
    spec.pidMode = "container:x";
    spec.utsMode = "host";
    json config = ociConfig(spec, input);
    CHECK(namespaces(config) == Texts{"mount", "pid", "ipc", "cgroup"});
    CHECK(config["linux"]["namespaces"][1]["path"] == "/proc/7/ns/pid");
    CHECK_FALSE(config.contains("hostname"));
    CHECK_FALSE(config["linux"]["sysctl"].contains("net.ipv4.ip_unprivileged_port_start"));
}

TEST_CASE("limits are written in the kernel's units") {
    ContainerSpec spec;
    spec.resources.memory = 64 << 20;
    spec.resources.nanoCpus = 500'000'000;
    spec.resources.pidsLimit = 8;
    spec.ulimits = {{"nofile", {1024, -1}}};
    json config = ociConfig(spec, plainInput());
    CHECK(config["linux"]["resources"]["memory"] == json({{"limit", 64 << 20}, {"swap", 128 << 20}}));
    CHECK(config["linux"]["resources"]["cpu"] == json({{"period", 100000}, {"quota", 50000}}));
    CHECK(config["linux"]["resources"]["pids"]["limit"] == 8);
    CHECK(config["process"]["rlimits"][0]["hard"] == UINT64_MAX);
}

TEST_CASE("a limit of processes that nobody asked for is set only where the machine can") {
    OciInput input = plainInput();
    CHECK(ociConfig({}, input)["linux"]["resources"]["pids"]["limit"] == 16384);
    input.limitsProcesses = false;
    CHECK_FALSE(ociConfig({}, input)["linux"]["resources"].contains("pids"));
    ContainerSpec spec;
    spec.resources.pidsLimit = 8;
    CHECK(ociConfig(spec, input)["linux"]["resources"]["pids"]["limit"] == 8);
}

TEST_CASE("rules of the devices controller are read or refused") {
    ContainerSpec spec;
    spec.resources.deviceCgroupRules = {"c 10:* rw"};
    json rules = ociConfig(spec, plainInput())["linux"]["resources"]["devices"];
    CHECK(rules.back() == json({{"allow", true}, {"type", "c"}, {"major", 10}, {"access", "rw"}}));
    for (const char* bad : {"", "c", "c 1:3", "c x:1 r", "c 1 rwm", ":::::"}) {
        spec.resources.deviceCgroupRules = {bad};
        CHECK_THROWS_AS(ociConfig(spec, plainInput()), Error);
    }
}

TEST_CASE("a healthcheck inherits from the image and can be switched off") {
    ImageConfig image;
    image.healthcheck = HealthCheck{};
    image.healthcheck->test = {"CMD", "x"};
    image.healthcheck->interval = std::chrono::seconds(1);
    ContainerSpec spec;
    CHECK(healthCheckOf(spec, image).retries == 3);
    spec.healthcheck = HealthCheck{};
    spec.healthcheck->retries = 7;
    HealthCheck merged = healthCheckOf(spec, image);
    CHECK(merged.test == Texts{"CMD", "x"});
    CHECK(merged.retries == 7);
    CHECK(merged.interval == std::chrono::seconds(1));
    spec.healthcheck->test = {"NONE"};
    CHECK(healthCheckOf(spec, image).test.empty());
}
