#include "engine/container/top.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <pwd.h>
#include <set>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/linux/fd.h"
#include "engine/linux/process.h"

namespace devc::engine {

namespace {

std::vector<std::string> wordsOf(std::string_view text) {
    std::vector<std::string> words;
    for (std::size_t at = text.find_first_not_of(" \t"); at != std::string_view::npos; at = text.find_first_not_of(" \t", at)) {
        const std::size_t end = std::min(text.find_first_of(" \t", at), text.size());
        words.emplace_back(text.substr(at, end - at));
        at = end;
    }
    return words;
}

std::optional<std::string> tryRead(const std::string& path) {
    try {
        return readFile(path);
    } catch (const SystemError&) {
        return std::nullopt;  // the process has ended
    }
}

/// A process may say that its arguments are gigabytes of its memory.
std::string firstOf(const std::string& path) {
    constexpr std::size_t most = 16384;
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::string text(most, '\0');
    std::size_t size = 0;
    for (ssize_t got = 1; file && got > 0 && size < most; size += static_cast<std::size_t>(std::max<ssize_t>(got, 0))) got = ::read(file.get(), text.data() + size, most - size);
    text.resize(size);
    return text;
}

long numberOf(const std::string& text) {
    long value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// The name in the host's passwd; read as a file: a static program has no name services.
std::string userName(uid_t uid) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/etc/passwd", "re"), [](std::FILE* open) { return open ? std::fclose(open) : 0; });
    while (const passwd* entry = file ? ::fgetpwent(file.get()) : nullptr)
        if (entry->pw_uid == uid) return entry->pw_name;
    return std::to_string(uid);
}

/// "pts/0" of a device number, "?" for none.
std::string terminalName(long device) {
    const unsigned number = minor(static_cast<dev_t>(device)), kind = major(static_cast<dev_t>(device));
    if (device == 0) return "?";
    if (kind >= 136 && kind <= 143) return fmt::format("pts/{}", number + (kind - 136) * 256);
    return kind == 4 ? fmt::format("tty{}", number) : "?";
}

/// The hour of the start if it was today, else the day: as ps.
std::string startText(std::time_t start, std::time_t now) {
    std::tm then{}, today{};
    ::localtime_r(&start, &then);
    ::localtime_r(&now, &today);
    char text[32];
    const bool sameDay = then.tm_year == today.tm_year && then.tm_yday == today.tm_yday;
    std::strftime(text, sizeof text, sameDay ? "%H:%M" : then.tm_year == today.tm_year ? "%b%d" : "%Y", &then);
    return text;
}

std::time_t bootTime() {
    const std::string text = readFile("/proc/stat");
    const std::size_t at = text.find("\nbtime ");
    return at == std::string::npos ? 0 : numberOf(text.substr(at + 7, 20));
}

std::optional<std::vector<std::string>> rowOf(pid_t process, std::time_t boot, std::time_t now) {
    const std::string folder = "/proc/" + std::to_string(process);
    const auto status = tryRead(folder + "/stat");
    struct stat owner {};
    if (!status || ::stat(folder.c_str(), &owner) != 0) return std::nullopt;
    const std::size_t name = status->find('('), after = status->rfind(')');
    if (name == std::string::npos || after == std::string::npos || after < name) return std::nullopt;
    // proc(5): what follows the name begins with field 3, the state.
    const std::vector<std::string> fields = wordsOf(std::string_view(*status).substr(after + 1));
    if (fields.size() < 20) return std::nullopt;
    const auto field = [&](std::size_t number) { return numberOf(fields[number - 3]); };
    const long ticks = ::sysconf(_SC_CLK_TCK), used = (field(14) + field(15)) / ticks;
    const std::time_t start = boot + field(22) / ticks;
    const long alive = std::max<long>(1, static_cast<long>(now - start));
    std::string command = firstOf(folder + "/cmdline");
    while (command.ends_with('\0')) command.pop_back();
    std::replace(command.begin(), command.end(), '\0', ' ');
    if (command.empty()) command = "[" + status->substr(name + 1, after - name - 1) + "]";
    return std::vector<std::string>{userName(owner.st_uid), std::to_string(process), std::to_string(field(4)), std::to_string(std::min<long>(99, used * 100 / alive)),
                                    startText(start, now), terminalName(field(7)), fmt::format("{:02}:{:02}:{:02}", used / 3600, used / 60 % 60, used % 60), command};
}

std::string findPs() {
    for (const char* path : {"/bin/ps", "/usr/bin/ps"})
        if (::access(path, X_OK) == 0) return path;
    throw Error("there is no ps on this machine").hint("without ps options devc shows the processes itself");
}

std::string outputOf(const std::string& path, std::vector<std::string> arguments) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw SystemError("pipe", errno);
    const Fd reading(ends[0]);
    Fd writing(ends[1]);
    const Fd program = openFile(path, O_PATH);
    SpawnRequest request;
    request.program = program.get();
    arguments.insert(arguments.begin(), "ps");
    request.arguments = std::move(arguments);
    request.descriptors = {-1, writing.get(), 2};
    const pid_t child = spawn(request);
    writing.reset();
    std::string text;
    char chunk[8192];
    for (ssize_t got; (got = ::read(reading.get(), chunk, sizeof chunk)) > 0;) text.append(chunk, static_cast<std::size_t>(got));
    if (const int status = waitFor(child).number(); status != 0) throw Error::of("ps failed with status {}", status);
    return text;
}

/// The words of a line, the last of `columns` with all that is left.
std::vector<std::string> cellsOf(std::string_view line, std::size_t columns) {
    std::vector<std::string> cells;
    std::size_t at = line.find_first_not_of(' ');
    while (at != std::string_view::npos && cells.size() + 1 < columns) {
        const std::size_t end = std::min(line.find(' ', at), line.size());
        cells.emplace_back(line.substr(at, end - at));
        at = line.find_first_not_of(' ', end);
    }
    if (at != std::string_view::npos) cells.emplace_back(line.substr(at));
    return cells;
}

}  // namespace

ProcessTable processTable(const std::vector<pid_t>& processes) {
    ProcessTable table{{"UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"}, {}};
    const std::time_t boot = bootTime(), now = std::time(nullptr);
    std::vector<pid_t> sorted = processes;
    std::sort(sorted.begin(), sorted.end());
    for (const pid_t process : sorted)
        if (auto row = rowOf(process, boot, now)) table.rows.push_back(std::move(*row));
    return table;
}

ProcessTable processTable(const std::vector<pid_t>& processes, const std::vector<std::string>& options) {
    if (options.empty()) return processTable(processes);
    const std::string text = outputOf(findPs(), options);
    ProcessTable table;
    std::set<std::string> wanted;
    for (const pid_t process : processes) wanted.insert(std::to_string(process));
    std::size_t column = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = std::string_view(text).substr(at, end - at);
        at = end + 1;
        if (table.titles.empty()) {
            table.titles = wordsOf(line);
            const auto found = std::find(table.titles.begin(), table.titles.end(), "PID");
            if (found == table.titles.end()) throw Error("Couldn't find PID field in ps output");
            column = static_cast<std::size_t>(found - table.titles.begin());
            continue;
        }
        std::vector<std::string> cells = cellsOf(line, table.titles.size());
        if (column < cells.size() && wanted.contains(cells[column])) table.rows.push_back(std::move(cells));
    }
    return table;
}

}  // namespace devc::engine
