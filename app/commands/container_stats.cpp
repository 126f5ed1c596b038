#include <cerrno>
#include <memory>

#include <sys/timerfd.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "app/commands/container.h"
#include "app/commands/noun.h"
#include "app/ui/container_text.h"
#include "app/ui/human.h"
#include "app/ui/listing.h"
#include "app/ui/table.h"
#include "engine/container/stats.h"
#include "engine/container/top.h"
#include "engine/engine.h"
#include "engine/error.h"

namespace devc::app {
namespace {

using engine::Container;
using engine::Error;
using engine::UsageSample;
using nlohmann::json;

/// Fires once a second.
class Clock {
public:
    Clock() : timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)) {
        const itimerspec second{{1, 0}, {1, 0}};
        if (!timer_ || ::timerfd_settime(timer_.get(), 0, &second, nullptr) != 0) throw engine::SystemError("start a timer", errno);
    }
    void wait() {
        std::uint64_t times = 0;
        while (::read(timer_.get(), &times, sizeof times) < 0 && errno == EINTR) {}
    }

private:
    engine::Fd timer_;
};

double memoryOfHost() { return static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE)); }

json rowOf(const Container& container, const UsageSample& before, const UsageSample& now, bool whole) {
    const auto bytes = [](std::uint64_t value) { return humanSize(static_cast<double>(value), 3); };
    const double used = static_cast<double>(now.cgroup.memory), host = memoryOfHost();
    double limit = static_cast<double>(now.cgroup.memoryLimit);
    if (limit <= 0 || limit > host) limit = host;
    const bool runs = container.state.pid != 0;
    return {{"BlockIO", bytes(now.cgroup.readBytes) + " / " + bytes(now.cgroup.writtenBytes)},
            {"CPUPerc", fmt::format("{:.2f}%", processorPercent(before, now))},
            {"Container", whole ? container.id : shortId(container.id)},
            {"ID", whole ? container.id : shortId(container.id)},
            {"MemPerc", fmt::format("{:.2f}%", runs ? 100 * used / limit : 0.0)},
            {"MemUsage", humanBinarySize(used) + " / " + humanBinarySize(runs ? limit : 0)},
            {"Name", container.name},
            {"NetIO", bytes(now.received) + " / " + bytes(now.sent)},
            {"PIDs", std::to_string(now.cgroup.pids)}};
}

}  // namespace

void showStats(Context&, const std::function<std::vector<Container>()>& select, const std::string& format, bool stream, bool whole) {
    const std::map<std::string, std::string> headers = {{"ID", "CONTAINER ID"}, {"CPUPerc", "CPU %"}, {"MemUsage", "MEM USAGE / LIMIT"},
                                                        {"MemPerc", "MEM %"}, {"NetIO", "NET I/O"}, {"BlockIO", "BLOCK I/O"}, {"PIDs", "PIDS"}};
    const std::string table = "{{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}";
    [[maybe_unused]] const Listing tried(format, table, headers);  // says what is wrong with the format before a second has passed
    const bool terminal = ::isatty(STDOUT_FILENO) == 1;
    std::map<std::string, UsageSample> before;
    for (const Container& container : select()) before[container.id] = engine::sampleUsage(container.id, container.state.pid);
    Clock clock;
    do {
        clock.wait();
        Listing listing(format, table, headers);
        std::map<std::string, UsageSample> now;
        for (const Container& container : select()) {
            now[container.id] = engine::sampleUsage(container.id, container.state.pid);
            const auto earlier = before.find(container.id);
            listing.add(rowOf(container, earlier == before.end() ? now[container.id] : earlier->second, now[container.id], whole));
        }
        before = std::move(now);
        if (stream && terminal) out("\x1b[H\x1b[J");
        listing.print();
    } while (stream && std::fflush(stdout) == 0);
}

std::string processText(Context& context, const std::string& container, const std::vector<std::string>& psOptions) {
    const engine::ProcessTable processes = context.engine().containers().top(container, psOptions);
    std::string text;
    const auto add = [&](const std::vector<std::string>& cells) {
        for (std::size_t i = 0; i < cells.size(); ++i) text += escapeControls(cells[i]) + (i + 1 < cells.size() ? "\t" : "\n");
    };
    add(processes.titles);
    for (const std::vector<std::string>& row : processes.rows) add(row);
    return alignColumns(text, 20, 3);
}

void addContainerStats(CLI::App& command, Context& context) {
    struct Flags {
        bool all = false, once = false, whole = false;
        std::string format;
        std::vector<std::string> names;
    };
    const auto flags = std::make_shared<Flags>();
    command.add_flag("-a,--all", flags->all, "Show all containers (default shows just running)");
    command.add_flag("--no-stream", flags->once, "Disable streaming stats and only pull the first result");
    command.add_flag("--no-trunc", flags->whole, "Do not truncate output");
    command.add_option("--format", flags->format, "table, json or a template");
    addNames(command, flags->names, "container", 0);
    command.callback([flags, &context] {
        engine::Containers& containers = context.engine().containers();
        showStats(context, [&] {
            std::vector<Container> chosen;
            if (flags->names.empty()) {
                engine::ContainerFilter filter;
                filter.all = flags->all;
                return containers.list(filter);
            }
            for (const std::string& name : flags->names) chosen.push_back(containers.find(name));
            return chosen;
        }, flags->format, !flags->once, flags->whole);
    });
}

void addContainerTop(CLI::App& command, Context& context) {
    const auto words = std::make_shared<std::vector<std::string>>();
    addProgram(command, *words, "container", "Container and options of ps");
    command.get_option("container")->required();
    command.callback([words, &context] { out(processText(context, words->front(), {words->begin() + 1, words->end()})); });
}

}  // namespace devc::app
