// images, ls, port, volumes, version: what a project has.
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <set>

#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/commands/container.h"
#include "app/commands/noun.h"
#include "app/filter/filters.h"
#include "app/commands/project.h"
#include "app/project/labels.h"
#include "app/project/observe.h"
#include "app/ui/container_text.h"
#include "app/ui/human.h"
#include "app/ui/listing.h"
#include "app/ui/table.h"
#include "engine/engine.h"
#include "engine/error.h"

namespace devc::app {
namespace {

using engine::Container;
using engine::Error;
using nlohmann::json;

void images(Context& context, bool quiet, const std::string& format, const std::vector<std::string>& services) {
    if (!format.empty() && format != "table" && format != "json") throw Error::of("invalid format {}", format).hint("table and json are known");
    json rows = json::array();
    std::set<std::string> ids;
    Table table({"CONTAINER", "REPOSITORY", "TAG", "PLATFORM", "IMAGE ID", "SIZE", "CREATED"});
    for (const Container& container : containersOfServices(context, services, true)) {
        const auto image = context.engine().images().find(container.spec.imageId);
        if (!image) continue;
        ids.insert(image->id);
        const engine::Reference reference = engine::Reference::parse(container.spec.image);
        const std::string familiar = reference.familiar();
        const std::string repository = familiar.substr(0, familiar.find_last_of(reference.digest.empty() ? ':' : '@'));
        const std::string platform = image->os + "/" + image->architecture;
        rows.push_back({{"ID", image->id}, {"ContainerName", container.name}, {"Repository", repository}, {"Tag", reference.tag},
                        {"Platform", platform}, {"Size", image->size}, {"Created", image->created}, {"LastTagTime", image->tagged.empty() ? image->created : image->tagged}});
        table.add({container.name, repository, reference.tag, platform, shortId(image->id), humanSize(static_cast<double>(image->size), 3), ago(image->created)});
    }
    if (quiet) {
        for (const std::string& id : ids) out(id.substr(id.find(':') + 1) + "\n");
    } else if (format == "json") {
        out(rows.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
    } else {
        out(table.text());
    }
}

struct ProjectRow {
    std::map<std::string, int> states;
    std::set<std::string> files;
};

/// "exited(1), running(2)".
std::string statusOf(const ProjectRow& row) {
    std::string text;
    for (const auto& [state, count] : row.states) text += fmt::format("{}{}({})", text.empty() ? "" : ", ", state, count);
    return text;
}

void listProjects(Context& context, bool all, bool quiet, const std::string& format, const std::vector<std::string>& filterTexts) {
    if (!format.empty() && format != "table" && format != "json") throw Error::of("invalid format {}", format).hint("table and json are known");
    const Filters filters(filterTexts, {"name"});
    engine::ContainerFilter filter;
    filter.labels[label::project] = "";
    std::map<std::string, ProjectRow> projects;
    for (const Container& container : context.engine().containers().list(filter)) {
        if (!all && !isActive(container)) continue;
        ProjectRow& row = projects[labelOf(container, label::project)];
        ++row.states[std::string(nameOf(container.state.status))];
        row.files.insert(labelOf(container, label::configFiles));
    }
    std::erase_if(projects, [&](const auto& item) {
        return !filters.any("name", [&](const std::string& name) { return item.first.find(name) != std::string::npos; });
    });
    json rows = json::array();
    Table table({"NAME", "STATUS", "CONFIG FILES"});
    for (const auto& [name, row] : projects) {
        const std::string files = fmt::format("{}", fmt::join(row.files, ","));
        if (quiet) out(name + "\n");
        rows.push_back({{"Name", name}, {"Status", statusOf(row)}, {"ConfigFiles", files}});
        table.add({name, statusOf(row), files});
    }
    if (quiet) return;
    out(format == "json" ? rows.dump(-1, ' ', false, json::error_handler_t::replace) + "\n" : table.text());
}

void port(Context& context, const std::string& service, const std::string& wanted, std::string protocol, int index) {
    const Container container = containerOfService(context, service, index);
    if (wanted.empty()) return printPorts(container, "");
    const std::size_t slash = wanted.find('/');
    if (slash != std::string::npos) protocol = wanted.substr(slash + 1);
    const std::string number = wanted.substr(0, slash);
    for (const engine::EndpointInfo& endpoint : container.endpoints)
        for (const engine::PortBinding& binding : endpoint.published) {
            if (std::to_string(binding.containerPort) != number || binding.protocol != protocol || binding.hostPort == 0) continue;
            const std::string address = binding.hostIp.empty() ? "0.0.0.0" : binding.hostIp;
            return out(fmt::format("{}:{}\n", address.find(':') == std::string::npos ? address : "[" + address + "]", binding.hostPort));
        }
    throw Error::of("no port {}/{} for container {}", number, protocol, container.name).hint("`devc ps` shows the ports that are published");
}

void volumes(Context& context, bool quiet, const std::string& format, const std::vector<std::string>& services) {
    Listing listing(format, "{{.Driver}}\\t{{.Name}}", {{"Name", "VOLUME NAME"}});
    std::set<std::string> mounted;
    for (const Container& container : containersOfServices(context, services, true))
        for (const engine::MountSpec& mount : container.spec.mounts)
            if (mount.type == engine::MountType::Volume) mounted.insert(mount.source);
    const std::string project = context.projectName();
    for (const engine::Volume& volume : context.engine().volumes().list()) {
        const auto owner = volume.spec.labels.find(label::project);
        const bool ours = owner != volume.spec.labels.end() && owner->second == project;
        if (!ours || (!services.empty() && !mounted.contains(volume.spec.name))) continue;
        if (quiet) out(volume.spec.name + "\n");
        else listing.add({{"Availability", "N/A"}, {"Driver", volume.spec.driver}, {"Group", "N/A"}, {"Labels", labelsText(volume.spec.labels)}, {"Links", "N/A"},
                          {"Mountpoint", context.engine().host().volumeDir(volume.spec.name).string()}, {"Name", volume.spec.name}, {"Scope", "local"},
                          {"Size", "N/A"}, {"Status", "N/A"}}, volume.spec.labels);
    }
    if (!quiet) listing.print();
}

}  // namespace

void addImages(CLI::App& parent, Context& context) {
    struct Flags {
        bool quiet = false;
        std::string format;
        std::vector<std::string> services;
    };
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = parent.add_subcommand("images", "List images used by the created containers");
    command->add_flag("-q,--quiet", flags->quiet, "Only display IDs");
    command->add_option("--format", flags->format, "table or json");
    addServices(*command, flags->services);
    command->callback([flags, &context] { images(context, flags->quiet, flags->format, flags->services); });
}

void addLs(CLI::App& parent, Context& context) {
    struct Flags {
        bool all = false, quiet = false;
        std::string format;
        std::vector<std::string> filters;
    };
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = parent.add_subcommand("ls", "List running compose projects");
    command->add_flag("-a,--all", flags->all, "Show all stopped compose projects");
    command->add_flag("-q,--quiet", flags->quiet, "Only display project names");
    command->add_option("--format", flags->format, "table or json");
    addList(*command, "--filter", flags->filters, "Filter output based on conditions: name=shop");
    command->callback([flags, &context] { listProjects(context, flags->all, flags->quiet, flags->format, flags->filters); });
}

void addPort(CLI::App& parent, Context& context) {
    struct Flags {
        int index = 0;
        std::string protocol = "tcp", service, port;
    };
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = parent.add_subcommand("port", "List port mappings or print the public port for a specific mapping for the service");
    command->add_option("--index", flags->index, "Index of the container if service has multiple replicas");
    command->add_option("--protocol", flags->protocol, "tcp or udp")->check(CLI::IsMember({"tcp", "udp", "sctp"}));
    command->add_option("service", flags->service, "Service")->required();
    command->add_option("private_port", flags->port, "Port in the container; all if none is named");
    command->callback([flags, &context] { port(context, flags->service, flags->port, flags->protocol, flags->index); });
}

void addVolumes(CLI::App& parent, Context& context) {
    struct Flags {
        bool quiet = false;
        std::string format;
        std::vector<std::string> services;
    };
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = parent.add_subcommand("volumes", "List volumes");
    command->add_flag("-q,--quiet", flags->quiet, "Only display volume names");
    command->add_option("--format", flags->format, "table, table TEMPLATE, json, or a TEMPLATE");
    addServices(*command, flags->services);
    command->callback([flags, &context] { volumes(context, flags->quiet, flags->format, flags->services); });
}

void addVersion(CLI::App& parent, Context&) {
    struct Flags {
        bool brief = false;
        std::string format;
    };
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = parent.add_subcommand("version", "Show the devc version information");
    command->add_flag("--short", flags->brief, "Shows only the version number");
    command->add_option("-f,--format", flags->format, "pretty or json")->check(CLI::IsMember({"pretty", "json"}));
    command->callback([flags] {
        if (flags->brief) out(DEVC_VERSION "\n");
        else if (flags->format == "json") out("{\"version\":\"" DEVC_VERSION "\"}\n");
        else out("devc version " DEVC_VERSION "\n");
    });
}

}  // namespace devc::app
