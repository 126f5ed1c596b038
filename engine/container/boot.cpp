#include "engine/container/boot.h"

#include <filesystem>

namespace devc::engine {

namespace fs = std::filesystem;

LastLife lastLifeOf(const Host& host, const Container& container) {
    const fs::path folder = host.containerDir(container.id);
    std::error_code missing;
    const auto start = fs::last_write_time(folder / "monitor.json", missing);  // written anew for each start
    if (missing) return {};
    const auto end = fs::last_write_time(folder / "exit", missing);
    LastLife last;
    last.started = true;
    last.interrupted = static_cast<bool>(missing) || end < start;
    last.stoppedByUser = !last.interrupted && container.state.stoppedByUser;
    last.exitCode = container.state.exitCode;
    return last;
}

bool comesBack(const RestartPolicy& policy, const LastLife& last) {
    if (!last.started) return false;
    switch (policy.condition) {
        case RestartCondition::No: return false;
        case RestartCondition::Always: return true;
        case RestartCondition::UnlessStopped: return last.interrupted || !last.stoppedByUser;
        case RestartCondition::OnFailure: return last.interrupted || (!last.stoppedByUser && last.exitCode != 0);
    }
    return false;
}

}  // namespace devc::engine
