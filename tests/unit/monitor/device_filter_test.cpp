#include "engine/linux/device_filter.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "engine/error.h"
#include "engine/linux/process.h"

using namespace devc::engine;

namespace {

DeviceRule rule(bool allow, char type, int major, int minor, const char* access) { return {allow, type, major, minor, access}; }

/// Docker's rules in short: nothing but making nodes, null, and pts.
const std::vector<DeviceRule> usual = {
    rule(false, 'a', -1, -1, "rwm"), rule(true, 'c', -1, -1, "m"), rule(true, 'c', 1, 3, "r"), rule(true, 'c', 1, 3, "w"), rule(true, 'c', 136, -1, "rw"),
};

/// A group of cgroup v2 of this test alone, or none where the machine has no v2.
struct Group {
    std::string folder;
    Group() {
        for (const CgroupHierarchy& hierarchy : cgroupHierarchies())
            if (hierarchy.controllers.empty() && hierarchy.name.empty()) folder = hierarchy.mountPoint + "/devc-test-" + std::to_string(::getpid());
        if (!folder.empty()) ::mkdir(folder.c_str(), 0755);
    }
    ~Group() { ::rmdir(folder.c_str()); }
};

/// What a process in the group gets from opening a new node of the device.
int openIn(const std::string& folder, mode_t type, unsigned major, unsigned minor, int flags) {
    Fd group = openFile(folder, O_PATH | O_DIRECTORY);
    Child child = cloneProcess(0, group.get());
    if (child.pid == 0) {
        std::string node = "/tmp/devc-node-" + std::to_string(::getpid());
        int code = ::mknod(node.c_str(), type | 0600, makedev(major, minor)) != 0 ? 100 : 0;
        if (code == 0 && ::open(node.c_str(), flags | O_NONBLOCK) < 0) code = errno;
        ::unlink(node.c_str());
        ::_exit(code);
    }
    return waitFor(child.pid).code;
}

}  // namespace

TEST_CASE("device rules add up as cgroup v1 adds them up") {
    DevicePolicy policy = devicePolicy(usual);
    CHECK_FALSE(policy.allowed);
    REQUIRE(policy.exceptions.size() == 3);
    CHECK(policy.exceptions[1].access == "rw");
    std::vector<DeviceRule> more = usual;
    more.push_back(rule(false, 'c', 1, 3, "w"));
    CHECK(devicePolicy(more).exceptions[1].access == "r");
    more.push_back(rule(true, 'a', -1, -1, "rwm"));
    CHECK(devicePolicy(more).allowed);
    CHECK(devicePolicy(more).exceptions.empty());
    more.push_back(rule(false, 'b', 8, -1, "w"));
    CHECK(devicePolicy(more).exceptions.size() == 1);
}

TEST_CASE("on cgroup v2 the kernel refuses what the rules refuse") {
    Group group;
    if (group.folder.empty()) return;  // the machine has v1 only
    attachDeviceFilter(deviceFilter(devicePolicy(usual)), openFile(group.folder, O_PATH | O_DIRECTORY).get());
    CHECK(openIn(group.folder, S_IFCHR, 1, 3, O_RDWR) == 0);
    CHECK(openIn(group.folder, S_IFCHR, 1, 5, O_RDONLY) == EPERM);  // zero: may be made, not opened
    CHECK(openIn(group.folder, S_IFCHR, 1, 1, O_RDONLY) == EPERM);  // mem
    CHECK(openIn(group.folder, S_IFBLK, 7, 0, O_RDONLY) == 100);    // not even made
}

TEST_CASE("a policy that allows all but one device refuses that one") {
    Group group;
    if (group.folder.empty()) return;
    const std::vector<DeviceRule> rules = {rule(true, 'a', -1, -1, "rwm"), rule(false, 'c', 1, 5, "w")};
    attachDeviceFilter(deviceFilter(devicePolicy(rules)), openFile(group.folder, O_PATH | O_DIRECTORY).get());
    CHECK(openIn(group.folder, S_IFCHR, 1, 5, O_RDONLY) == 0);
    CHECK(openIn(group.folder, S_IFCHR, 1, 5, O_RDWR) == EPERM);
    CHECK(openIn(group.folder, S_IFCHR, 1, 3, O_RDWR) == 0);
}
