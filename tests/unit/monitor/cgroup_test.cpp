#include "engine/linux/cgroup.h"

#include <doctest/doctest.h>

using namespace devc::engine;

namespace {

using Words = std::vector<std::string>;
using Settings = std::vector<CgroupSetting>;

struct Outcome {
    Settings settings;
    Words warnings;
};

/// On a machine whose groups have all files but those that begin with one of these.
Outcome settingsFor(const CgroupLimits& limits, const Words& lacking = {"io.bfq."}) {
    Outcome outcome;
    const auto has = [&](const char* file) {
        for (const std::string& beginning : lacking)
            if (std::string_view(file).starts_with(beginning)) return false;
        return true;
    };
    outcome.settings = cgroup::settingsOfV2(limits, has, outcome.warnings);
    return outcome;
}

Settings settingsOf(const CgroupLimits& limits) { return settingsFor(limits).settings; }

CgroupHierarchy v1(Words controllers) { return {std::move(controllers), "", "/sys/fs/cgroup/v1"}; }
const CgroupHierarchy v2{{}, "", "/sys/fs/cgroup/unified"};
const CgroupHierarchy systemd{{}, "systemd", "/sys/fs/cgroup/systemd"};

}  // namespace

TEST_CASE("nothing is written for a container without limits") { CHECK(settingsOf({}).empty()); }

TEST_CASE("cgroup v2 limits swap apart from memory") {
    CgroupLimits limits;
    limits.memory = 1000;
    limits.memoryReservation = 600;
    limits.memorySwap = 1500;
    CHECK(settingsOf(limits) == Settings{{"memory.max", "1000"}, {"memory.low", "600"}, {"memory.swap.max", "500"}});
    limits.memoryReservation.reset();
    limits.memorySwap = 1000;
    CHECK(settingsOf(limits) == Settings{{"memory.max", "1000"}, {"memory.swap.max", "0"}});
    limits.memorySwap = -1;
    CHECK(settingsOf(limits) == Settings{{"memory.max", "1000"}, {"memory.swap.max", "max"}});
    limits.memory = -1;
    CHECK(settingsOf(limits) == Settings{{"memory.max", "max"}, {"memory.swap.max", "max"}});
}

TEST_CASE("where the kernel has no swap its limit is left out") {
    CgroupLimits limits;
    limits.memory = 1000;
    limits.memorySwap = 2000;
    const Outcome outcome = settingsFor(limits, {"memory.swap."});
    CHECK(outcome.settings == Settings{{"memory.max", "1000"}});
    CHECK(outcome.warnings.empty());
}

TEST_CASE("processor shares become weights from 1 to 10000") {
    const auto weightOf = [](std::uint64_t shares) {
        CgroupLimits limits;
        limits.cpuShares = shares;
        return settingsOf(limits);
    };
    CHECK(weightOf(2) == Settings{{"cpu.weight", "1"}});
    CHECK(weightOf(1024) == Settings{{"cpu.weight", "39"}});
    CHECK(weightOf(262144) == Settings{{"cpu.weight", "10000"}});
    // The kernel's v1 took what lies beyond as the nearest that it has.
    CHECK(weightOf(1) == Settings{{"cpu.weight", "1"}});
    CHECK(weightOf(1'000'000) == Settings{{"cpu.weight", "10000"}});
    CHECK(weightOf(0).empty());
}

TEST_CASE("quota and period are one value, each with what it is without the other") {
    CgroupLimits limits;
    limits.cpuQuota = 50'000;
    CHECK(settingsOf(limits) == Settings{{"cpu.max", "50000 100000"}});
    limits.cpuPeriod = 20'000;
    CHECK(settingsOf(limits) == Settings{{"cpu.max", "50000 20000"}});
    limits.cpuQuota = -1;
    CHECK(settingsOf(limits) == Settings{{"cpu.max", "max 20000"}});
}

TEST_CASE("processors, memory nodes and processes") {
    CgroupLimits limits;
    limits.cpus = "0-3,7";
    limits.mems = "0";
    limits.pids = 8;
    CHECK(settingsOf(limits) == Settings{{"cpuset.cpus", "0-3,7"}, {"cpuset.mems", "0"}, {"pids.max", "8"}});
    limits.cpus = limits.mems = "";
    limits.pids = -1;
    CHECK(settingsOf(limits) == Settings{{"pids.max", "max"}});
}

TEST_CASE("block devices have weights as the scheduler counts them, and limits by key") {
    CgroupLimits limits;
    limits.blkioWeight = 300;
    limits.blkioWeights = {{254, 0, 1000}};
    CHECK(settingsFor(limits).settings == Settings{{"io.weight", "default 2930"}, {"io.weight", "254:0 10000"}});
    CHECK(settingsFor(limits, {}).settings == Settings{{"io.bfq.weight", "default 300"}, {"io.bfq.weight", "254:0 1000"}});
    limits = {};
    limits.readBps = {{254, 0, 1}};
    limits.writeBps = {{254, 0, 2}};
    limits.readIops = {{254, 0, 3}};
    limits.writeIops = {{254, 16, 4}};
    CHECK(settingsOf(limits) == Settings{{"io.max", "254:0 rbps=1"}, {"io.max", "254:0 wbps=2"}, {"io.max", "254:0 riops=3"}, {"io.max", "254:16 wiops=4"}});
}

TEST_CASE("a limit whose controller is not there is ignored, and named") {
    CgroupLimits limits;
    limits.memory = 1000;
    limits.pids = 8;
    limits.cpuShares = 2;
    const Outcome outcome = settingsFor(limits, {"memory.", "pids."});
    CHECK(outcome.settings == Settings{{"cpu.weight", "1"}});
    CHECK(outcome.warnings == Words{cgroup::cannotSet("memory.max"), cgroup::cannotSet("pids.max")});
}

TEST_CASE("what cgroup v2 does not have is said") {
    CgroupLimits limits;
    limits.swappiness = 10;
    limits.disableOomKiller = true;
    limits.realtimeRuntime = 1000;
    const Outcome outcome = settingsFor(limits);
    CHECK(outcome.settings.empty());
    CHECK(outcome.warnings.size() == 3);
}

TEST_CASE("controllers are handed down that are there") {
    CHECK(cgroup::toHandDown("cpuset cpu io memory hugetlb pids rdma misc\n") == Words{"+cpu", "+memory", "+pids", "+io", "+cpuset"});
    CHECK(cgroup::toHandDown("cpuset\n") == Words{"+cpuset"});
    CHECK(cgroup::toHandDown("").empty());
}

TEST_CASE("cgroup v2 limits containers unless v1 has the devices") {
    CHECK(cgroup::unified({v2})->mountPoint == v2.mountPoint);
    CHECK(cgroup::unified({systemd, v2})->mountPoint == v2.mountPoint);
    CHECK(cgroup::unified({v1({"net_cls"}), v2})->mountPoint == v2.mountPoint);
    CHECK(cgroup::unified({v2, v1({"cpu", "cpuacct"}), v1({"devices"})}) == nullptr);
    CHECK(cgroup::unified({systemd}) == nullptr);
    CHECK(cgroup::unified({}) == nullptr);
}

TEST_CASE("groups that a container made below its own are its own") {
    CHECK(cgroup::upTo("abc", "0::/devc/abc/init.scope\n") == "0::/devc/abc\n");
    CHECK(cgroup::upTo("abc", "0::/devc/abc\n") == "0::/devc/abc\n");
    CHECK(cgroup::upTo("abc", "4:memory:/devc/abc/x\n3:cpu:/\n") == "4:memory:/devc/abc\n3:cpu:/\n");
    CHECK(cgroup::upTo("abc", "0::/devc/abcdef/x\n") == "0::/devc/abcdef/x\n");
    CHECK(cgroup::upTo("", "0::/devc/abc/x\n") == "0::/devc/abc/x\n");
}

TEST_CASE("controllers of v1 are those of all its hierarchies") {
    CHECK(cgroup::controllers({v2, v1({"cpu", "cpuacct"}), systemd, v1({"devices"})}) == Words{"cpu", "cpuacct", "devices"});
    CHECK(cgroup::controllers({}).empty());
}
