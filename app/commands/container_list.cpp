#include <algorithm>
#include <memory>

#include <nlohmann/json.hpp>

#include "app/commands/container.h"
#include "app/commands/noun.h"
#include "app/ui/container_text.h"
#include "app/ui/human.h"
#include "app/ui/listing.h"
#include "engine/container/disk_usage.h"
#include "engine/engine.h"
#include "engine/error.h"

namespace devc::app {
namespace {

using engine::Container;
using engine::Error;
using engine::Status;
using nlohmann::json;

struct ListFlags {
    bool all = false, latest = false, quiet = false, size = false, whole = false;
    int last = -1;
    std::string format;
    std::vector<std::string> filters;
};

class Query {
public:
    explicit Query(const ListFlags& flags, engine::Containers& containers)
        : containers_(containers),
          filters_(parseFilters(flags.filters, {"ancestor", "before", "exited", "expose", "health", "id", "is-task", "label", "name", "network",
                                                "publish", "since", "status", "volume"})) {
        for (const std::string& status : filters_["status"])
            if (!isStatus(status)) throw Error::of("invalid filter 'status={}'", status);
        for (const std::string& name : filters_["before"]) before_.push_back(containers_.find(name).created);
        for (const std::string& name : filters_["since"]) since_.push_back(containers_.find(name).created);
    }

    /// A status or an exit code is asked for: containers that do not run are looked at too.
    bool looksAtAll() { return !filters_["status"].empty() || !filters_["exited"].empty() || !filters_["before"].empty() || !filters_["since"].empty(); }

    bool accepts(const Container& c) {
        return any("id", [&](const std::string& id) { return c.id.starts_with(id); }) &&
               any("name", [&](const std::string& name) { return isNamed(c.name, name); }) &&
               matchesLabels(c.spec.labels, filters_["label"]) &&
               any("status", [&](const std::string& status) { return status == nameOf(c.state.status); }) &&
               any("exited", [&](const std::string& code) { return c.state.status == Status::Exited && std::to_string(c.state.exitCode) == code; }) &&
               any("health", [&](const std::string& health) { return health == healthName(c); }) &&
               any("ancestor", [&](const std::string& image) { return descends(c, image); }) &&
               any("network", [&](const std::string& network) { return isOn(c, network); }) &&
               any("volume", [&](const std::string& volume) { return mounts(c, volume); }) &&
               any("publish", [&](const std::string& port) { return publishes(c, port); }) &&
               any("expose", [&](const std::string& port) { return exposes(c, port); }) &&
               std::all_of(before_.begin(), before_.end(), [&](const std::string& time) { return c.created < time; }) &&
               std::all_of(since_.begin(), since_.end(), [&](const std::string& time) { return c.created > time; });
    }

private:
    template <typename Matches>
    bool any(const char* key, Matches&& matches) {
        const std::vector<std::string>& wanted = filters_[key];
        return wanted.empty() || std::any_of(wanted.begin(), wanted.end(), matches);
    }
    static bool isStatus(const std::string& text) {
        for (const Status status : {Status::Created, Status::Running, Status::Paused, Status::Restarting, Status::Removing, Status::Exited, Status::Dead})
            if (nameOf(status) == text) return true;
        return false;
    }
    static std::string healthName(const Container& c) { return c.state.health == engine::HealthStatus::None ? "none" : std::string(nameOf(c.state.health)); }
    /// Docker takes part of a name, with ^ and $ for its ends.
    static bool isNamed(const std::string& name, std::string part) {
        const bool begins = part.starts_with('^'), ends = part.ends_with('$');
        if (begins) part.erase(0, 1);
        if (ends && !part.empty()) part.pop_back();
        if (begins && part.starts_with('/')) part.erase(0, 1);
        if (begins && ends) return name == part;
        if (begins) return name.starts_with(part);
        return ends ? name.ends_with(part) : name.find(part) != std::string::npos;
    }
    static bool descends(const Container& c, const std::string& image) {
        const std::string id = c.spec.imageId.substr(c.spec.imageId.find(':') + 1);
        if (c.spec.imageId == image || (image.size() >= 4 && id.starts_with(image))) return true;
        try {
            return engine::Reference::parse(c.spec.image).normalized() == engine::Reference::parse(image).normalized();
        } catch (const Error&) {
            return false;  // the container was made from an id
        }
    }
    static bool isOn(const Container& c, const std::string& network) {
        if (c.endpoints.empty()) return c.spec.networkMode == network;
        return std::any_of(c.endpoints.begin(), c.endpoints.end(), [&](const engine::EndpointInfo& e) { return e.networkName == network || e.networkId.starts_with(network); });
    }
    static bool mounts(const Container& c, const std::string& volume) {
        return std::any_of(c.spec.mounts.begin(), c.spec.mounts.end(), [&](const engine::MountSpec& m) { return m.source == volume || m.target == volume; });
    }
    static std::pair<std::string, std::string> portOf(const std::string& text) {
        const std::size_t slash = text.find('/');
        return {text.substr(0, slash), slash == std::string::npos ? "tcp" : text.substr(slash + 1)};
    }
    static bool publishes(const Container& c, const std::string& text) {
        const auto [number, protocol] = portOf(text);
        for (const engine::EndpointInfo& endpoint : c.endpoints)
            for (const engine::PortBinding& port : endpoint.published)
                if (port.protocol == protocol && std::to_string(port.hostPort) == number) return true;
        return false;
    }
    static bool exposes(const Container& c, const std::string& text) {
        const auto [number, protocol] = portOf(text);
        const std::string wanted = number + "/" + protocol;
        const auto& ports = c.spec.ports;
        return std::find(c.spec.exposed.begin(), c.spec.exposed.end(), wanted) != c.spec.exposed.end() ||
               std::any_of(ports.begin(), ports.end(), [&](const engine::PortBinding& p) { return fmt::format("{}/{}", p.containerPort, p.protocol) == wanted; });
    }

    engine::Containers& containers_;
    std::map<std::string, std::vector<std::string>> filters_;
    std::vector<std::string> before_, since_;
};

std::string sizeText(Context& context, const Container& container) {
    engine::Engine& engine = context.engine();
    const std::uint64_t own = engine::diskUsage(engine.host().containerDir(container.id) / "upper");
    const auto image = engine.images().find(container.spec.imageId);
    return fmt::format("{} (virtual {})", humanSize(static_cast<double>(own), 3), humanSize(static_cast<double>(own + (image ? image->size : 0)), 3));
}

json rowOf(Context& context, const Container& c, const ListFlags& flags, bool withSize) {
    return {{"Command", commandText(c, !flags.whole)},
            {"CreatedAt", goTime(c.created)},
            {"ID", flags.whole ? c.id : shortId(c.id)},
            {"Image", c.spec.image},
            {"Labels", labelsText(c.spec.labels)},
            {"LocalVolumes", std::to_string(std::count_if(c.spec.mounts.begin(), c.spec.mounts.end(), [](const auto& m) { return m.type == engine::MountType::Volume; }))},
            {"Mounts", mountsText(c, !flags.whole)},
            {"Names", c.name},
            {"Networks", networksText(c)},
            {"Platform", c.spec.platform},
            {"Ports", portsText(c)},
            {"RunningFor", ago(c.created)},
            {"Size", withSize ? sizeText(context, c) : "0B"},
            {"State", std::string(nameOf(c.state.status))},
            {"Status", statusText(c.state)}};
}

void list(Context& context, const ListFlags& flags) {
    std::string table = "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}";
    if (flags.size) table += "\t{{.Size}}";
    const std::string format = flags.quiet && flags.format.empty() ? "{{.ID}}" : flags.format;
    Listing listing(format, table, {{"ID", "CONTAINER ID"}, {"RunningFor", "CREATED"}, {"CreatedAt", "CREATED AT"}, {"LocalVolumes", "LOCAL VOLUMES"}});
    // The size means a walk over files: only where it is shown.
    const bool withSize = flags.size || format.find(".Size") != std::string::npos;
    Query query(flags, context.engine().containers());
    const int last = flags.latest ? 1 : flags.last;
    engine::ContainerFilter filter;
    filter.all = flags.all || last >= 0 || query.looksAtAll();
    int shown = 0;
    for (const Container& container : context.engine().containers().list(filter)) {
        if (last >= 0 && shown == last) break;
        if (!query.accepts(container)) continue;
        listing.add(rowOf(context, container, flags, withSize), container.spec.labels);
        ++shown;
    }
    listing.print();
}

}  // namespace

void addContainerList(CLI::App& command, Context& context) {
    const auto flags = std::make_shared<ListFlags>();
    command.add_flag("-a,--all", flags->all, "Show all containers (default shows just running)");
    command.add_flag("-l,--latest", flags->latest, "Show the latest created container (includes all states)");
    command.add_flag("-q,--quiet", flags->quiet, "Only display container IDs");
    command.add_flag("-s,--size", flags->size, "Display total file sizes");
    command.add_flag("--no-trunc", flags->whole, "Don't truncate output");
    command.add_option("-n,--last", flags->last, "Show n last created containers (includes all states)");
    command.add_option("--format", flags->format, "table, json or a template");
    addList(command, "-f,--filter", flags->filters, "Filter output based on conditions provided");
    command.callback([flags, &context] { list(context, *flags); });
}

}  // namespace devc::app
