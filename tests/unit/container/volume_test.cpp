#include <fcntl.h>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "engine/container/records.h"
#include "engine/error.h"
#include "engine/linux/fd.h"
#include "engine/volume/fill.h"
#include "engine/volume/volumes.h"
#include "tests/unit/container/temporary_host.h"

using namespace devc::engine;
namespace fs = std::filesystem;

namespace {

struct Store : TemporaryHost {
    Database database{host.database()};
    Volumes volumes{host, database};

    Volume make(const std::string& name, std::map<std::string, std::string> options = {}) {
        VolumeSpec spec;
        spec.name = name;
        spec.driverOptions = std::move(options);
        return volumes.create(spec);
    }
};

}  // namespace

TEST_CASE("a volume is made once and found again") {
    Store store;
    Volume made = store.make("data");
    CHECK(fs::is_directory(made.mountpoint));
    CHECK(store.make("data").created == made.created);
    CHECK(store.volumes.list().size() == 1);
    CHECK_FALSE(made.anonymous);
    CHECK_THROWS_AS(store.make("data", {{"type", "tmpfs"}, {"device", "tmpfs"}}), Conflict);
}

TEST_CASE("a volume without a name gets 64 digits") {
    Store store;
    Volume made = store.make("");
    CHECK(made.anonymous);
    CHECK(made.spec.name.size() == 64);
}

TEST_CASE("a removed volume leaves no file, and its name is free") {
    Store store;
    std::ofstream(store.make("data").mountpoint / "old") << "x";
    store.volumes.remove("data", false);
    CHECK(fs::is_empty(store.host.stateDir / "volumes"));
    CHECK_THROWS_AS(store.volumes.remove("data", false), NotFound);
    CHECK_NOTHROW(store.volumes.remove("data", true));
    CHECK(fs::is_empty(store.make("data").mountpoint));
}

TEST_CASE("a volume in use is not removed") {
    Store store;
    store.make("data");
    {
        Database::Transaction transaction(store.database);
        Records(store.database).insert({std::string(64, 'a'), "user-1", "", {}, {}});
        store.volumes.addUser("data", std::string(64, 'a'));
        transaction.commit();
    }
    CHECK(store.volumes.users("data") == std::vector<std::string>{"user-1"});
    CHECK_THROWS_WITH_AS(store.volumes.remove("data", true), "remove data: volume is in use", Conflict);
    CHECK(store.volumes.prune(true).empty());
    Records(store.database).erase(std::string(64, 'a'));
    CHECK(store.volumes.prune(true) == std::vector<std::string>{"data"});
}

TEST_CASE("hostile names make no volume") {
    Store store;
    for (const char* bad : {"..", "../x", "a/b", ".hidden", "-x", "a b", "x\n"}) CHECK_THROWS_AS(store.make(bad), Error);
}

TEST_CASE("folders without a record are collected") {
    Store store;
    store.make("kept");
    fs::create_directories(store.host.stateDir / "volumes" / "lost" / "_data");
    fs::create_directories(store.host.stateDir / "volumes" / ".removed-1234");
    store.volumes.collectLeftovers();
    CHECK(fs::exists(store.host.volumeDir("kept")));
    CHECK(std::distance(fs::directory_iterator(store.host.stateDir / "volumes"), fs::directory_iterator()) == 1);
}

TEST_CASE("driver options say what is mounted") {
    Store store;
    VolumeSource bound = sourceOf(store.make("bound", {{"type", "none"}, {"o", "bind"}, {"device", "/h"}}));
    CHECK(bound.type == "bind");
    CHECK(bound.source == "/h");
    VolumeSource memory = sourceOf(store.make("mem", {{"type", "tmpfs"}, {"o", "size=3m,uid=7"}, {"device", "tmpfs"}}));
    CHECK(memory.type == "tmpfs");
    CHECK(memory.options == std::vector<std::string>{"size=3m", "uid=7"});
    CHECK(sourceOf(store.make("plain")).source == store.host.volumeDir("plain").string());
}

TEST_CASE("an empty volume is filled from the image with owners, modes and links, a full one is left alone") {
    Store store;
    fs::path image = store.folder / "image";
    fs::create_directories(image / "seed" / "sub");
    std::ofstream(image / "seed" / "f") << "image";
    fs::create_symlink("f", image / "seed" / "l");
    fs::create_hard_link(image / "seed" / "f", image / "seed" / "sub" / "hard");
    REQUIRE(::chown((image / "seed" / "f").c_str(), 33, 44) == 0);
    REQUIRE(::chmod((image / "seed").c_str(), 02750) == 0);
    auto root = [&] { return openFile(image.string(), O_PATH | O_DIRECTORY); };

    fs::path data = store.make("new").mountpoint;
    markForFilling(data);
    fill(data, "/seed", root);
    CHECK_FALSE(isMarkedForFilling(data));
    CHECK(readFile((data / "f").string()) == "image");
    CHECK(fs::read_symlink(data / "l") == "f");
    CHECK(fs::hard_link_count(data / "sub" / "hard") == 2);
    struct stat status{};
    ::stat((data / "f").c_str(), &status);
    CHECK((status.st_uid == 33 && status.st_gid == 44));
    ::stat(data.c_str(), &status);
    CHECK((status.st_mode & 07777) == 02750);

    fs::path full = store.make("full").mountpoint;
    std::ofstream(full / "mine") << "x";
    markForFilling(full);
    fill(full, "/seed", root);
    CHECK_FALSE(fs::exists(full / "f"));

    fs::path none = store.make("none").mountpoint;
    markForFilling(none);
    fill(none, "/not/there", root);
    CHECK(fs::is_empty(none));
}
