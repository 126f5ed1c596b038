#include "app/commands/system.h"

#include <algorithm>
#include <memory>
#include <thread>

#include <sys/utsname.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "app/commands/noun.h"
#include "app/filter/event_query.h"
#include "app/ui/human.h"
#include "app/ui/listing.h"
#include "app/ui/table.h"
#include "engine/template/template.h"
#include "engine/engine.h"
#include "engine/error.h"
#include "engine/linux/cgroup.h"
#include "engine/linux/fd.h"
#include "engine/timestamp.h"

namespace devc::app {

using engine::Event;
using engine::Status;
using nlohmann::json;

namespace {

/// Docker's form of an event: "2024-05-01T10:00:00.000000001Z container start <id> (image=busybox, name=web)".
std::string lineOf(const Event& event) {
    std::vector<std::string> attributes;
    for (const auto& [key, value] : event.attributes) attributes.push_back(escapeControls(key + "=" + value));
    return fmt::format("{} {} {} {} ({})", event.time, event.type, event.action, event.id, fmt::join(attributes, ", "));
}

json objectOf(const Event& event) {
    const std::int64_t moment = engine::parseMoment(event.time, 0);
    json object = {{"Action", event.action}, {"Actor", {{"Attributes", event.attributes}, {"ID", event.id}}}, {"Type", event.type},
                   {"id", event.id}, {"scope", "local"}, {"status", event.action}, {"time", moment / 1'000'000'000}, {"timeNano", moment}};
    if (const auto image = event.attributes.find("image"); image != event.attributes.end()) object["from"] = image->second;
    return object;
}

std::uint64_t memoryOfHost() { return static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)); }

/// "Debian GNU/Linux 12 (bookworm)", of os-release.
std::string operatingSystem() {
    if (::access("/etc/os-release", R_OK) != 0) return "Linux";
    const std::string text = "\n" + engine::readFile("/etc/os-release"), key = "\nPRETTY_NAME=";
    const std::size_t at = text.find(key);
    if (at == std::string::npos) return "Linux";
    std::string name = text.substr(at + key.size(), text.find('\n', at + 1) - at - key.size());
    std::erase(name, '"');
    return name;
}

json information(Context& context) {
    engine::Engine& engine = context.engine();
    int running = 0, paused = 0, stopped = 0;
    for (const engine::Container& container : engine.containers().list()) {
        const Status status = container.state.status;
        if (status == Status::Running || status == Status::Restarting) ++running;
        else if (status == Status::Paused) ++paused;
        else ++stopped;
    }
    const auto hierarchies = engine::cgroupHierarchies();
    const bool v1 = std::any_of(hierarchies.begin(), hierarchies.end(), [](const auto& h) { return !h.controllers.empty(); });
    utsname system{};
    ::uname(&system);
    const int containers = running + paused + stopped;
    return {{"Architecture", system.machine}, {"CgroupDriver", "cgroupfs"}, {"CgroupVersion", v1 ? "1" : "2"}, {"Containers", containers},
            {"ContainersPaused", paused}, {"ContainersRunning", running}, {"ContainersStopped", stopped},
            {"DockerRootDir", engine.host().stateDir.string()}, {"Driver", "overlayfs"}, {"ID", engine.host().tag()},
            {"Images", engine.images().list().size()}, {"KernelVersion", system.release}, {"LoggingDriver", "json-file"},
            {"MemTotal", memoryOfHost()}, {"NCPU", std::thread::hardware_concurrency()}, {"Name", system.nodename},
            {"OSType", "linux"}, {"OSVersion", ""}, {"OperatingSystem", operatingSystem()}, {"RunDir", engine.host().runDir.string()},
            {"SecurityOptions", {"name=seccomp,profile=builtin"}}, {"ServerVersion", DEVC_VERSION}};
}

std::string textOf(const json& info) {
    const auto text = [&](const char* key) { return info.at(key).is_string() ? info.at(key).get<std::string>() : info.at(key).dump(); };
    std::string result = fmt::format("Containers: {}\n Running: {}\n Paused: {}\n Stopped: {}\nImages: {}\n", text("Containers"), text("ContainersRunning"),
                                     text("ContainersPaused"), text("ContainersStopped"), text("Images"));
    for (const auto& [title, key] : {std::pair("Server Version", "ServerVersion"), {"Storage Driver", "Driver"}, {"Logging Driver", "LoggingDriver"},
                                     {"Cgroup Driver", "CgroupDriver"}, {"Cgroup Version", "CgroupVersion"}, {"Kernel Version", "KernelVersion"},
                                     {"Operating System", "OperatingSystem"}, {"OSType", "OSType"}, {"Architecture", "Architecture"}, {"CPUs", "NCPU"}})
        result += fmt::format("{}: {}\n", title, text(key));
    result += fmt::format("Total Memory: {}\nName: {}\nID: {}\n", humanBinarySize(info.at("MemTotal").get<double>()), text("Name"), text("ID"));
    return result + fmt::format("State Dir: {}\nRun Dir: {}\n", text("DockerRootDir"), text("RunDir"));
}

}  // namespace

void addSystemReap(CLI::App& command, Context& context) {
    const auto id = std::make_shared<std::string>();
    command.add_option("container", *id)->required();
    command.callback([id, &context] {
        // The monitor calls this and has nobody to tell; what is left undone the next command finds and does.
        try {
            context.engine().containers().settle({*id});
        } catch (const std::exception&) {
            context.status = 1;
        }
        ::close(STDOUT_FILENO);  // what the monitor waits for
    });
}

void addSystemEvents(CLI::App& command, Context& context) {
    struct Flags {
        std::string since, until, format;
        std::vector<std::string> filters;
    };
    const auto flags = std::make_shared<Flags>();
    command.add_option("--since", flags->since, "Show all events created since timestamp");
    command.add_option("--until", flags->until, "Stream events until this timestamp");
    command.add_option("--format", flags->format, "json or a template");
    addList(command, "-f,--filter", flags->filters, "container, event, image, label, network, type, volume");
    command.callback([flags, &context] {
        const EventQuery query(flags->filters);
        const bool asJson = flags->format == "json";
        std::optional<engine::Template> format;
        if (!asJson && !flags->format.empty()) format = engine::Template::parse(flags->format);
        context.engine().events().follow(flags->since, flags->until, [&](const Event& event) {
            if (!query.accepts(event)) return true;
            out((asJson ? engine::compactJson(objectOf(event)) : format ? format->render(objectOf(event)) : lineOf(event)) + "\n");
            return std::fflush(stdout) == 0;
        });
    });
}

void addSystemInfo(CLI::App& command, Context& context) {
    const auto format = std::make_shared<std::string>();
    command.add_option("-f,--format", *format, "json or a template");
    command.callback([format, &context] {
        const json info = information(context);
        out(format->empty() ? textOf(info) : inspectText(json::array({info}), *format));
    });
}

void addSystem(CLI::App& parent, Context& context) {
    addNoun(parent, context, "system", "Manage devc",
            {
                {"boot", {}, "Start the containers whose restart policy brings them back after a start of the machine", addSystemBoot},
                {"check", {}, "Verify the database and the image store, and find what was left behind", addSystemCheck},
                {"df", {}, "Show disk usage", addSystemDf},
                {"events", {}, "Get real time events", addSystemEvents},
                {"info", {}, "Display system-wide information", addSystemInfo},
                {"prune", {}, "Remove unused data", addSystemPrune},
                {"reap", {}, "Settle what a container leaves behind", addSystemReap, true},
            });
}

}  // namespace devc::app
