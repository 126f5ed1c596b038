#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "engine/spec.h"

using namespace devc::engine;
using nlohmann::json;

namespace {

ContainerSpec fullSpec() {
    ContainerSpec spec;
    spec.name = "web-1";
    spec.image = "nginx:1";
    spec.imageId = "sha256:0123";
    spec.entrypoint = std::vector<std::string>{"/entry"};
    spec.command = std::vector<std::string>{};
    spec.environment = {"A=1", "B="};
    spec.labels = {{"k", "v"}};
    spec.tty = spec.init = spec.privileged = true;
    spec.capAdd = {"NET_ADMIN"};
    spec.sysctls = {{"net.core.somaxconn", "1024"}};
    spec.ulimits = {{"nofile", {1024, -1}}};
    spec.devices = {{"/dev/fuse", "/dev/fuse", "rw"}};
    NetworkAttachment network;
    network.network = "front";
    network.aliases = {"web"};
    network.links = {{"db-1", "database"}};
    network.ipv4 = "10.1.2.3";
    network.driverOptions = {{"o", "v"}};
    spec.networks = {network};
    PortBinding port;
    port.containerPort = 80;
    port.protocol = "udp";
    port.hostIp = "127.0.0.1";
    port.hostPort = 8000;
    port.hostPortEnd = 8010;
    spec.ports = {port};
    MountSpec mount;
    mount.type = MountType::Tmpfs;
    mount.target = "/t";
    mount.tmpfsSize = 1 << 20;
    mount.createHostPath = false;
    spec.mounts = {mount};
    FileSpec file;
    file.target = "/run/secrets/s";
    file.content = std::string("binary \xc3\xa9 \n");
    file.secret = true;
    spec.files = {file};
    spec.stopTimeout = Nanoseconds(0);
    HealthCheck check;
    check.test = {"CMD", "true"};
    check.interval = std::chrono::seconds(3);
    spec.healthcheck = check;
    spec.restart = {RestartCondition::OnFailure, 5};
    spec.resources.memory = 1 << 30;
    spec.resources.memorySwappiness = 0;
    spec.resources.deviceCgroupRules = {"c 1:3 rwm"};
    return spec;
}

}  // namespace

TEST_CASE("a specification comes back from JSON as it was") {
    ContainerSpec spec = fullSpec();
    json out;
    to_json(out, spec);
    ContainerSpec back;
    from_json(json::parse(out.dump()), back);
    CHECK(back == spec);
}

TEST_CASE("what has its default value is not written") {
    json out;
    to_json(out, ContainerSpec{});
    CHECK(out == json::object());
}

TEST_CASE("an empty command is another thing than none") {
    ContainerSpec none, empty;
    empty.command = std::vector<std::string>{};
    CHECK(none != empty);
    json out;
    to_json(out, empty);
    ContainerSpec back;
    from_json(out, back);
    CHECK(back == empty);
}
