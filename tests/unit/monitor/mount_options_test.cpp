#include <doctest/doctest.h>

#include <sys/mount.h>

#include "engine/monitor/mount_options.h"

using namespace devc::engine;

TEST_CASE("flags go to the mount, the rest to the file system") {
    MountOptions options = parseMountOptions({"nosuid", "noexec", "nodev", "size=65536k", "mode=1777"});
    CHECK(options.change.set == (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV));
    CHECK(options.data == std::vector<std::string>{"size=65536k", "mode=1777"});
    CHECK_FALSE(options.bind);
}

TEST_CASE("the last of two opposite flags holds") {
    CHECK(parseMountOptions({"ro", "rw"}).change.set == 0);
    CHECK(parseMountOptions({"ro", "rw"}).change.clear == MOUNT_ATTR_RDONLY);
    MountOptions options = parseMountOptions({"rw", "ro"});
    CHECK(options.change.set == MOUNT_ATTR_RDONLY);
    CHECK(options.change.clear == 0);
}

TEST_CASE("binds are recursive or not, with a propagation") {
    MountOptions recursive = parseMountOptions({"rbind", "rprivate", "ro"});
    CHECK(recursive.bind);
    CHECK(recursive.recursive);
    CHECK(recursive.change.propagation == MS_PRIVATE);
    MountOptions plain = parseMountOptions({"bind", "rslave"});
    CHECK(plain.bind);
    CHECK_FALSE(plain.recursive);
    CHECK(plain.change.propagation == MS_SLAVE);
}

TEST_CASE("access times are changed as one field") {
    MountOptions options = parseMountOptions({"noatime"});
    CHECK((options.change.set & MOUNT_ATTR__ATIME) == MOUNT_ATTR_NOATIME);
    CHECK((options.change.clear & MOUNT_ATTR__ATIME) == MOUNT_ATTR__ATIME);
}

TEST_CASE("words for other programs are dropped") { CHECK(parseMountOptions({"z", "nocopy", "consistency=cached", "defaults", ""}).data.empty()); }
