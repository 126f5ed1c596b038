#include <filesystem>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/container/containers.h"
#include "engine/container/log_source.h"
#include "engine/container/records.h"
#include "engine/error.h"
#include "engine/log/reader.h"
#include "engine/timestamp.h"

namespace devc::engine {

void Containers::logs(const std::string& given, const LogQuery& query, const std::function<bool(const LogLine&)>& line) const {
    Record record = Records(database_).find(given);
    if (!keepsLog(record.spec)) {
        throw Error::of("configured logging driver does not support reading").hint("its log driver is " + record.spec.logDriver);
    }
    std::int64_t now = momentNow();
    LogRange range;
    if (query.tail && *query.tail >= 0) range.tail = query.tail;
    if (!query.since.empty()) range.since = parseMoment(query.since, now);
    if (!query.until.empty()) range.until = parseMoment(query.until, now);
    auto pass = [&](const LogEntry& entry) { return line({entry.time, entry.fromStderr, entry.text}); };
    LogReader reader((host_.containerDir(record.id) / "log").string());
    if (!query.follow) return reader.read(range, pass);

    ContainerState state;
    Fd monitor;
    pid_t watched = 0;
    auto ended = [&] {
        state = readState(host_, record.id);
        return !isUp(state);
    };
    // Another one when the container was started again before its end was seen.
    auto pidfd = [&] {
        if (state.monitorPid != watched) monitor = Fd(static_cast<int>(::syscall(SYS_pidfd_open, state.monitorPid, 0)));
        watched = state.monitorPid;
        return monitor.get();
    };
    reader.follow(range, {host_.containerRunDir(record.id).string(), ended, pidfd, query.caughtUp}, pass);
}

}  // namespace devc::engine
