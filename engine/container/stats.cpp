#include "engine/container/stats.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "engine/error.h"
#include "engine/linux/fd.h"

namespace devc::engine {

namespace {

/// "  eth0: 1296 16 0 0 0 0 0 0 1296 16 ...": bytes received is the first number, bytes sent the ninth.
void addInterfaces(const std::string& text, UsageSample& sample) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string line = text.substr(at, end - at);
        at = end + 1;
        const std::size_t colon = line.find(':');
        if (colon == std::string::npos || line.substr(0, colon).find_last_not_of(' ') == std::string::npos) continue;
        if (line.substr(line.find_first_not_of(' '), 3) == "lo:") continue;
        std::size_t place = colon + 1;
        for (int column = 1; column <= 9; ++column) {
            place = line.find_first_not_of(' ', place);
            if (place == std::string::npos) break;
            std::uint64_t value = 0;
            const auto parsed = std::from_chars(line.data() + place, line.data() + line.size(), value);
            if (column == 1) sample.received += value;
            if (column == 9) sample.sent += value;
            place = static_cast<std::size_t>(parsed.ptr - line.data());
        }
    }
}

}  // namespace

UsageSample sampleUsage(const std::string& id, pid_t init) {
    UsageSample sample;
    sample.time = std::chrono::steady_clock::now();
    if (init == 0) return sample;
    try {
        sample.cgroup = Cgroup::of(init, id)->usage();
        addInterfaces(readFile("/proc/" + std::to_string(init) + "/net/dev"), sample);
    } catch (const Error&) {
        sample.cgroup = {};
    }
    return sample;
}

double processorPercent(const UsageSample& before, const UsageSample& after) {
    const double passed = static_cast<double>(std::chrono::duration_cast<std::chrono::nanoseconds>(after.time - before.time).count());
    if (passed <= 0 || after.cgroup.cpuNanoseconds <= before.cgroup.cpuNanoseconds) return 0;
    return 100 * static_cast<double>(after.cgroup.cpuNanoseconds - before.cgroup.cpuNanoseconds) / passed;
}

}  // namespace devc::engine
