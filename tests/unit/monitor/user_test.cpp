#include <doctest/doctest.h>

#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>

#include "engine/error.h"
#include "engine/linux/fd.h"
#include "engine/monitor/user.h"

using namespace devc::engine;

namespace {

class Root {
public:
    Root() {
        char name[] = "/tmp/devc-user-XXXXXX";
        folder_ = ::mkdtemp(name);
        std::filesystem::create_directory(folder_ / "etc");
        std::ofstream(folder_ / "etc/passwd") << "root:x:0:0:root:/root:/bin/sh\n# comment\nbroken\nbob:x:1000:1001::/home/bob:/bin/sh\n";
        std::ofstream(folder_ / "etc/group") << "root:x:0:\nstaff:x:1001:\nwheel:x:10:alice,bob\nvideo:x:44:bobby\n";
        descriptor_ = openFile(folder_.string(), O_PATH | O_DIRECTORY);
    }
    ~Root() { std::filesystem::remove_all(folder_); }
    Root(const Root&) = delete;

    ContainerUser find(const std::string& user, const std::vector<std::string>& groups = {}) const { return findUser(descriptor_.get(), user, groups); }
    const std::filesystem::path& folder() const { return folder_; }

private:
    std::filesystem::path folder_;
    Fd descriptor_;
};

using Groups = std::vector<gid_t>;

}  // namespace

TEST_CASE("nobody named is root") {
    Root root;
    CHECK(root.find("").uid == 0);
    CHECK(root.find("").home == "/root");
}

TEST_CASE("a name brings its group, its home and the groups that list it, its own one first") {
    Root root;
    ContainerUser bob = root.find("bob");
    CHECK(bob.uid == 1000);
    CHECK(bob.gid == 1001);
    CHECK(bob.home == "/home/bob");
    CHECK(bob.groups == Groups{1001, 10});
}

TEST_CASE("a number needs no entry, but uses one") {
    Root root;
    CHECK(root.find("1000").groups == Groups{1001, 10});
    CHECK(root.find("4711").groups == Groups{0});
    ContainerUser stranger = root.find("4711");
    CHECK(stranger.uid == 4711);
    CHECK(stranger.gid == 0);
    CHECK(stranger.home == "/");
}

TEST_CASE("a group that is given stands instead of the entry's") {
    Root root;
    CHECK(root.find("bob:wheel").gid == 10);
    CHECK(root.find("bob:wheel").groups == Groups{10});
    CHECK(root.find("5:7").gid == 7);
}

TEST_CASE("groups can be added by name and number, each once") {
    Root root;
    CHECK(root.find("bob", {"video", "99", "wheel"}).groups == Groups{1001, 10, 44, 99});
}

TEST_CASE("unknown names are refused with status 126") {
    Root root;
    for (const char* user : {"nobodyknows", "bob:nogroup", "-1", "4294967295"}) {
        CAPTURE(user);
        try {
            root.find(user);
            FAIL("accepted");
        } catch (const Error& error) {
            CHECK(error.exitStatus() == 126);
        }
    }
}

TEST_CASE("a link in the image does not lead to the host's passwd") {
    Root root;
    std::filesystem::remove(root.folder() / "etc/passwd");
    std::filesystem::create_symlink("/etc/passwd", root.folder() / "etc/passwd");  // itself, inside the root
    CHECK_THROWS_AS(root.find("root"), Error);
}
