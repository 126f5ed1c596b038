#include "engine/container/cdi.h"

#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <unistd.h>

#include "engine/error.h"

using namespace devc::engine;
namespace fs = std::filesystem;

namespace {

/// Folders of specifications, gone with it.
struct Machine {
    fs::path top = fs::temp_directory_path() / ("devc-cdi-" + std::to_string(::getpid()));
    Machine() { fs::create_directories(top / "etc"), fs::create_directories(top / "run"); }
    ~Machine() { fs::remove_all(top); }
    void write(const char* name, const std::string& text) const { std::ofstream(top / name) << text; }
    CdiDevices devices() const { return CdiDevices({top / "etc", top / "run"}); }
};

constexpr const char* gpus = R"(
cdiVersion: "0.6.0"
kind: nvidia.com/gpu
containerEdits:
  env: [DRIVER=1]
  mounts:
    - {hostPath: /usr/bin/tool, containerPath: /usr/bin/tool, options: [ro, nosuid, bind]}
devices:
  - name: "0"
    containerEdits: {env: [CARD=0], deviceNodes: [{path: /dev/null}]}
  - name: "1"
    containerEdits:
      deviceNodes: [{path: /dev/card1, type: c, major: 195, minor: 1, permissions: rw, fileMode: 438, gid: 44}]
      additionalGIDs: [44]
      hooks: [{hookName: createContainer, path: /bin/hook, args: [hook, now], timeout: 3}]
  - name: GPU-1234
    containerEdits: {}
  - name: all
    containerEdits: {env: [CARD=all]}
)";

DeviceRequest request(std::int64_t count, std::vector<std::string> ids = {}, std::string driver = "") {
    DeviceRequest result;
    result.count = count;
    result.ids = std::move(ids);
    result.driver = std::move(driver);
    result.capabilities = {"gpu"};
    return result;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a CDI name has a vendor, a class and a device") {
    CHECK(isCdiName("vendor.com/class=name"));
    CHECK(isCdiName("nvidia.com/gpu=GPU-12:34"));
    for (const char* text : {"/dev/null", "vendor.com/class", "vendor.com=name", "/class=name", "a/=b", "a/b=", "a/b=c/d", "/dev/a:b=c"}) {
        CAPTURE(text);
        CHECK_FALSE(isCdiName(text));
    }
}

TEST_CASE("a device brings what its file brings to all, once, and its own") {
    Machine machine;
    machine.write("etc/gpu.yaml", gpus);
    const CdiEdits edits = machine.devices().edits({"nvidia.com/gpu=0", "nvidia.com/gpu=1", "nvidia.com/gpu=0"});
    CHECK(edits.environment == Names{"DRIVER=1", "CARD=0"});
    REQUIRE(edits.mounts.size() == 1);
    CHECK(edits.mounts[0].options == Names{"ro", "nosuid", "bind"});
    REQUIRE(edits.devices.size() == 2);
    CHECK(edits.devices[0].major == 1);  // numbers of the host's own node
    CHECK(edits.devices[0].minor == 3);
    CHECK(edits.devices[1].major == 195);
    CHECK(edits.devices[1].permissions == "rw");
    CHECK(edits.devices[1].gid == 44);
    CHECK(edits.groups == Names{"44"});
    REQUIRE(edits.hooks.size() == 1);
    CHECK(edits.hooks[0].arguments == Names{"hook", "now"});
}

TEST_CASE("requests become names: all, a number of cards, chosen ones") {
    Machine machine;
    machine.write("etc/gpu.yaml", gpus);
    const CdiDevices devices = machine.devices();
    CHECK(devices.select(request(-1)) == Names{"nvidia.com/gpu=all"});
    CHECK(devices.select(request(1)) == Names{"nvidia.com/gpu=0"});
    CHECK(devices.select(request(2, {}, "nvidia")) == Names{"nvidia.com/gpu=0", "nvidia.com/gpu=1"});
    CHECK(devices.select(request(0, {"GPU-1234"})) == Names{"nvidia.com/gpu=GPU-1234"});
    CHECK(devices.select(request(0, {"x.org/y=z"}, "cdi")) == Names{"x.org/y=z"});
    CHECK_THROWS_WITH_AS(devices.select(request(3)), "could not select device driver \"\" with capabilities: [[gpu]]", Error);
    CHECK_THROWS_AS(devices.select(request(1, {}, "amd")), Error);
    CHECK_THROWS_WITH_AS(devices.edits({"x.org/y=z"}), "CDI device injection failed: unresolvable CDI devices x.org/y=z", Error);
}

TEST_CASE("specifications of a later folder stand instead of those of an earlier one; JSON is read too") {
    Machine machine;
    machine.write("etc/a.yaml", "cdiVersion: 0.6.0\nkind: x.org/y\ndevices: [{name: z, containerEdits: {env: [FROM=etc]}}]\n");
    machine.write("run/a.json", R"({"cdiVersion": "0.6.0", "kind": "x.org/y", "devices": [{"name": "z", "containerEdits": {"env": ["FROM=run"]}}]})");
    CHECK(machine.devices().edits({"x.org/y=z"}).environment == Names{"FROM=run"});
}

TEST_CASE("a file that cannot be read is named when something is missing, and harms nothing else") {
    Machine machine;
    machine.write("etc/bad.yaml", "kind: x.org/y\ndevices: [{name: {}}]\n");
    machine.write("etc/gpu.yaml", gpus);
    CHECK(machine.devices().select(request(-1)) == Names{"nvidia.com/gpu=all"});
    try {
        machine.devices().edits({"x.org/y=z"});
        FAIL("it is not there");
    } catch (const Error& error) {
        REQUIRE(error.hints().size() == 1);
        CHECK(error.hints()[0].find("bad.yaml:2:") != std::string::npos);
    }
}
