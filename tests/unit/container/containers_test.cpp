#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>
#include <unistd.h>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "engine/container/containers.h"
#include "engine/error.h"
#include "engine/event/events.h"
#include "engine/image/images.h"
#include "engine/linux/fd.h"
#include "engine/network/networks.h"
#include "engine/volume/volumes.h"
#include "tests/unit/container/temporary_host.h"

using namespace devc::engine;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

/// An engine without network, with one image "base" of one layer that has /seed/f and a VOLUME /data.
struct Store : TemporaryHost {
    Database database{host.database()};
    Events events{host};
    Images images{host, database};
    Networks networks{host, database};
    Volumes volumes{host, database};
    Containers containers{host, database, images, networks, volumes, events};

    Store() {
        std::string diff = "sha256:" + std::string(64, 'd');
        fs::path layer = host.layers() / Images::chainId("", diff);
        fs::create_directories(layer / "seed");
        std::ofstream(layer / "seed" / "f") << "from the image";
        NewLayer described;
        described.diffId = diff;
        described.blobDigest = diff;
        described.mediaType = "application/vnd.oci.image.layer.v1.tar";
        json config = {{"architecture", "amd64"}, {"os", "linux"},
                       {"config", {{"Cmd", {"sleep"}}, {"Env", {"PATH=/bin", "A=image"}}, {"Volumes", {{"/data", json::object()}}},
                                   {"ExposedPorts", {{"80/tcp", json::object()}}}, {"Labels", {{"of", "image"}}}}}};
        images.addImage(config, {described}, "base");
    }

    ContainerSpec spec(const std::string& name = "") {
        ContainerSpec out;
        out.name = name;
        out.image = "base";
        out.networkMode = "none";
        return out;
    }
    Container make(const std::string& name = "") { return containers.create(spec(name)); }
};

std::vector<std::string> filesIn(const fs::path& folder) {
    std::vector<std::string> out;
    std::error_code missing;
    for (const auto& entry : fs::directory_iterator(folder, missing)) out.push_back(entry.path().filename());
    return out;
}

}  // namespace

TEST_CASE("a new container has an id, a name, its image's command and volumes") {
    Store store;
    Container made = store.make();
    CHECK(made.id.size() == 64);
    CHECK(made.name.find('_') != std::string::npos);
    CHECK(made.arguments == std::vector<std::string>{"sleep"});
    CHECK(made.state.status == Status::Created);
    REQUIRE(made.spec.mounts.size() == 1);
    CHECK(made.spec.mounts[0].target == "/data");
    CHECK(store.volumes.find(made.spec.mounts[0].source)->anonymous);
    CHECK(made.spec.exposed == std::vector<std::string>{"80/tcp"});
}

TEST_CASE("containers are found by id, name and unambiguous prefix") {
    Store store;
    Container made = store.make("web-1");
    for (const std::string& name : {made.id, made.id.substr(0, 12), std::string("web-1"), std::string("/web-1")}) {
        CHECK(store.containers.find(name).id == made.id);
    }
    CHECK(store.containers.find("web-1").spec == made.spec);
    CHECK_THROWS_WITH_AS(store.containers.find("nope"), "No such container: nope", NotFound);
    CHECK_THROWS_AS(store.containers.find(""), NotFound);
}

TEST_CASE("a taken name makes nothing") {
    Store store;
    store.make("web-1");
    auto before = filesIn(store.host.stateDir / "containers");
    CHECK_THROWS_AS(store.make("web-1"), Conflict);
    CHECK(filesIn(store.host.stateDir / "containers") == before);
    CHECK(store.volumes.list().size() == 1);
}

TEST_CASE("an empty volume gets the image's files when the container is created") {
    Store store;
    ContainerSpec spec = store.spec();
    MountSpec seed, plain;
    seed.source = "seed";
    seed.target = "/seed/";
    plain.source = "plain";
    plain.target = "/seed/sub";
    plain.noCopy = true;
    spec.mounts = {seed, plain};
    store.containers.create(spec);
    CHECK(readFile((store.host.volumeDir("seed") / "f").string()) == "from the image");
    CHECK(fs::is_empty(store.host.volumeDir("plain")));
}

TEST_CASE("a container whose volumes cannot be filled is not there") {
    Store store;
    fs::remove_all(store.host.layers());
    CHECK_THROWS_AS(store.make("x1"), Error);
    CHECK(store.containers.list().empty());
    CHECK(store.volumes.list().empty());
    CHECK(filesIn(store.host.stateDir / "containers").empty());
}

TEST_CASE("a removed container leaves no file, its named volumes stay") {
    Store store;
    ContainerSpec spec = store.spec("x1");
    MountSpec named;
    named.source = "named";
    named.target = "/n";
    spec.mounts = {named};
    store.containers.create(spec);
    store.containers.remove("x1", false, true);
    CHECK(filesIn(store.host.stateDir / "containers").empty());
    CHECK(filesIn(store.host.runDir / "containers").empty());
    CHECK(filesIn(store.host.stateDir / "volumes") == std::vector<std::string>{"named"});
    CHECK_THROWS_AS(store.containers.remove("x1", true, true), NotFound);
    CHECK_NOTHROW(store.volumes.remove("named", false));
}

TEST_CASE("anonymous volumes stay without -v") {
    Store store;
    store.make("x1");
    store.containers.remove("x1", false, false);
    CHECK(store.volumes.list().size() == 1);
}

TEST_CASE("a secret is nowhere in the state and in no inspect") {
    Store store;
    ContainerSpec spec = store.spec("x1");
    FileSpec secret, config;
    secret.target = "/run/secrets/s";
    secret.content = "the-very-secret-word";
    secret.secret = true;
    secret.mode = 0400;
    config.target = "/etc/c";
    config.content = "level=warn";
    spec.files = {secret, config};
    std::string id = store.containers.create(spec).id;
    CHECK(readFile((store.host.containerRunDir(id) / "files" / "0").string()) == "the-very-secret-word");
    CHECK(store.containers.inspect("x1").dump().find("the-very-secret-word") == std::string::npos);
    for (const auto& entry : fs::recursive_directory_iterator(store.host.stateDir)) {
        if (entry.is_regular_file()) CHECK(readFile(entry.path()).find("the-very-secret-word") == std::string::npos);
    }
}

TEST_CASE("what a killed command left is collected by the next") {
    Store store;
    fs::create_directories(store.host.containerDir(std::string(64, 'e')) / "upper");
    fs::create_directories(store.host.containerRunDir(std::string(64, 'e')));
    Container made = store.make();
    CHECK(filesIn(store.host.stateDir / "containers") == std::vector<std::string>{made.id});
    CHECK(filesIn(store.host.runDir / "containers").empty());
}

TEST_CASE("volumes_from takes another container's mounts, read-only if asked") {
    Store store;
    Container first = store.make("x1");
    ContainerSpec spec = store.spec("x2");
    spec.volumesFrom = {"x1:ro"};
    Container second = store.containers.create(spec);
    REQUIRE(second.spec.mounts.size() == 1);
    CHECK(second.spec.mounts[0].source == first.spec.mounts[0].source);
    CHECK(second.spec.mounts[0].readOnly);
    store.containers.remove("x1", false, true);
    CHECK(store.volumes.list().size() == 1);
}

TEST_CASE("what cannot be is refused before anything is made") {
    Store store;
    auto refused = [&](auto change) {
        ContainerSpec spec = store.spec();
        change(spec);
        CHECK_THROWS_AS(store.containers.create(spec), Error);
    };
    refused([](ContainerSpec& s) { s.name = "../../x"; });
    refused([](ContainerSpec& s) { s.image = "missing"; });
    refused([](ContainerSpec& s) { s.capAdd = {"NONSENSE"}; });
    refused([](ContainerSpec& s) { s.volumesFrom = {"nobody"}; });
    refused([](ContainerSpec& s) { s.networkMode = "container:nobody"; });
    refused([](ContainerSpec& s) { s.mounts.emplace_back().target = "/"; });
    refused([](ContainerSpec& s) { s.mounts.emplace_back().target = "relative"; });
    refused([](ContainerSpec& s) {
        MountSpec& mount = s.mounts.emplace_back();
        mount.type = MountType::Bind;
        mount.source = "/nonexistent/nope";
        mount.target = "/x";
        mount.createHostPath = false;
    });
    CHECK(filesIn(store.host.stateDir / "containers").empty());
    CHECK(store.volumes.list().empty());
}

TEST_CASE("inspect has docker's shape") {
    Store store;
    ContainerSpec spec = store.spec("x1");
    spec.labels = {{"k", "v"}};
    spec.environment = {"A=own"};
    spec.resources.memory = 64 << 20;
    json shown = store.containers.inspect(store.containers.create(spec).id);
    CHECK(shown["Name"] == "/x1");
    CHECK(shown["State"]["Status"] == "created");
    CHECK(shown["State"]["Running"] == false);
    CHECK_FALSE(shown["State"].contains("Health"));
    CHECK(shown["Config"]["Env"] == json({"A=own", "PATH=/bin"}));
    CHECK(shown["Config"]["Labels"] == json({{"k", "v"}, {"of", "image"}}));
    CHECK(shown["Config"]["Cmd"] == json({"sleep"}));
    CHECK(shown["HostConfig"]["Memory"] == 64 << 20);
    CHECK(shown["HostConfig"]["NetworkMode"] == "none");
    CHECK(shown["Mounts"][0]["Type"] == "volume");
    CHECK(shown["Mounts"][0]["Destination"] == "/data");
    CHECK(shown["RestartCount"] == 0);
}

TEST_CASE("a project's containers are listed newest first, and quickly") {
    Store store;
    for (int i = 0; i < 100; ++i) {
        ContainerSpec spec = store.spec("p-a-" + std::to_string(i));
        spec.labels = {{"com.docker.compose.project", "p"}, {"com.docker.compose.service", "a"}, {"com.docker.compose.oneoff", "False"}};
        store.containers.create(spec);
    }
    store.make("other");
    ContainerFilter filter;
    filter.labels = {{"com.docker.compose.project", "p"}};
    auto begin = std::chrono::steady_clock::now();
    std::vector<Container> found = store.containers.list(filter);
    auto took = std::chrono::steady_clock::now() - begin;
    REQUIRE(found.size() == 100);
    CHECK(found.front().name == "p-a-99");
    CHECK(took < std::chrono::milliseconds(500));
    MESSAGE("list of 100 containers: ", std::chrono::duration_cast<std::chrono::microseconds>(took).count(), " us");
    filter.all = false;
    CHECK(store.containers.list(filter).empty());
}

TEST_CASE("a container is renamed to a free name only") {
    Store store;
    store.make("x1");
    store.make("x2");
    CHECK_THROWS_AS(store.containers.rename("x1", "x2"), Conflict);
    CHECK_THROWS_AS(store.containers.rename("x1", "a/b"), Error);
    store.containers.rename("x1", "x3");
    CHECK(store.containers.find("x3").spec.name == "x3");
}

TEST_CASE("no container is made of an image that is removed while it waits") {
    Store store;
    store.containers.remove(store.make().id, false, true);  // what is done once is done
    Database database(store.host.database());
    std::atomic<pid_t> waiting = 0;
    std::jthread creation;
    {
        Database::Transaction transaction(database);
        creation = std::jthread([&] {
            waiting = ::gettid();
            CHECK_THROWS_AS(store.make(), NotFound);
        });
        const auto sleeps = [&] { return waiting && readFile(fmt::format("/proc/self/task/{}/wchan", waiting.load())) == "hrtimer_nanosleep"; };
        while (!sleeps()) std::this_thread::yield();
        database.execute("DELETE FROM images");
        transaction.commit();
    }
    creation.join();
    CHECK(store.containers.list().empty());
    CHECK(filesIn(store.host.stateDir / "containers").empty());
}
