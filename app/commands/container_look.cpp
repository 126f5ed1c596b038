#include <cstdio>
#include <memory>

#include <nlohmann/json.hpp>

#include "app/commands/container.h"
#include "app/commands/noun.h"
#include "app/ui/listing.h"
#include "engine/container/disk_usage.h"
#include "engine/engine.h"
#include "engine/error.h"

namespace devc::app {
namespace {

using engine::Container;
using engine::Error;
using nlohmann::json;

engine::Containers& containersOf(Context& context) { return context.engine().containers(); }

/// Where a container port is found on the host, a line each: "0.0.0.0:8080".
std::vector<std::string> addressesOf(const engine::PortBinding& port) {
    const auto text = [&](const std::string& ip) {
        return ip.find(':') != std::string::npos ? fmt::format("[{}]:{}", ip, port.hostPort) : fmt::format("{}:{}", ip, port.hostPort);
    };
    if (!port.hostIp.empty()) return {text(port.hostIp)};
    return {text("0.0.0.0"), text("::")};
}

}  // namespace

void printPorts(const Container& container, const std::string& wanted) {
    const std::string full = wanted.empty() || wanted.find('/') != std::string::npos ? wanted : wanted + "/tcp";
    bool found = false;
    for (const engine::EndpointInfo& endpoint : container.endpoints)
        for (const engine::PortBinding& port : endpoint.published) {
            if (port.hostPort == 0) continue;
            const std::string inside = fmt::format("{}/{}", port.containerPort, port.protocol);
            if (!full.empty() && inside != full) continue;
            found = true;
            for (const std::string& address : addressesOf(port)) out(full.empty() ? inside + " -> " + address + "\n" : address + "\n");
        }
    if (!full.empty() && !found) throw Error::of("no public port '{}' published for {}", wanted, container.name);
}

void addContainerInspect(CLI::App& command, Context& context) {
    struct Flags {
        std::string format;
        bool size = false;
        std::vector<std::string> names;
    };
    const auto flags = std::make_shared<Flags>();
    command.add_option("-f,--format", flags->format, "json or a template");
    command.add_flag("-s,--size", flags->size, "Display total file sizes");
    addNames(command, flags->names, "container");
    command.callback([flags, &context] {
        json found = json::array();
        forEachName(context, flags->names, [&](const std::string& name) {
            json object = containersOf(context).inspect(name);
            if (flags->size) {
                const std::uint64_t own = engine::diskUsage(context.engine().host().containerDir(object.at("Id").get<std::string>()) / "upper");
                const auto image = context.engine().images().find(object.at("Image").get<std::string>());
                object["SizeRw"] = own;
                object["SizeRootFs"] = own + (image ? image->size : 0);
            }
            found.push_back(std::move(object));
        }, false);
        out(inspectText(found, flags->format));
    });
}

void addContainerLogs(CLI::App& command, Context& context) {
    struct Flags {
        engine::LogQuery query;
        bool details = false;
        std::string tail = "all", name;
    };
    const auto flags = std::make_shared<Flags>();
    command.add_flag("-f,--follow", flags->query.follow, "Follow log output");
    command.add_flag("-t,--timestamps", flags->query.timestamps, "Show timestamps");
    command.add_flag("--details", flags->details, "Accepted; there are no extra attributes");
    command.add_option("-n,--tail", flags->tail, "Number of lines to show from the end of the logs");
    command.add_option("--since", flags->query.since, "Show logs since timestamp or relative (e.g. 42m)");
    command.add_option("--until", flags->query.until, "Show logs before a timestamp or relative (e.g. 42m)");
    command.add_option("container", flags->name)->required();
    command.callback([flags, &context] {
        const Container container = containersOf(context).find(flags->name);
        if (flags->tail != "all" && !flags->tail.empty()) {
            const bool number = flags->tail.find_first_not_of("0123456789") == std::string::npos && flags->tail.size() < 19;
            // docker: what is no number means all.
            if (number) flags->query.tail = std::stoll(flags->tail);
        }
        std::FILE* last = stdout;
        flags->query.caughtUp = [&last] { std::fflush(last); };
        containersOf(context).logs(container.id, flags->query, [&](const engine::LogLine& line) {
            std::FILE* stream = line.stderr_ && !container.spec.tty ? stderr : stdout;
            // Both outputs may be one terminal: lines appear in the order in which they were written.
            if (stream != last) std::fflush(last);
            last = stream;
            if (flags->query.timestamps) {
                std::fwrite(line.time.data(), 1, line.time.size(), stream);
                std::fputc(' ', stream);
            }
            return std::fwrite(line.text.data(), 1, line.text.size(), stream) == line.text.size();
        });
        std::fflush(last);
    });
}

void addContainerPort(CLI::App& command, Context& context) {
    const auto words = std::make_shared<std::pair<std::string, std::string>>();
    command.add_option("container", words->first)->required();
    command.add_option("port", words->second, "PRIVATE_PORT[/PROTO]");
    command.callback([words, &context] { printPorts(containersOf(context).find(words->first), words->second); });
}

}  // namespace devc::app
