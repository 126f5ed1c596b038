#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include <nlohmann/json.hpp>

#include "app/commands/noun.h"
#include "app/filter/filters.h"
#include "app/commands/system.h"
#include "app/ui/container_text.h"
#include "app/ui/human.h"
#include "app/ui/listing.h"
#include "app/ui/prompt.h"
#include "engine/container/disk_usage.h"
#include "engine/engine.h"
#include "engine/error.h"

namespace devc::app {

using engine::Container;
using engine::Status;
using nlohmann::json;

namespace {

/// One line of `system df`.
struct Usage {
    std::string type;
    std::size_t total = 0, active = 0;
    std::uint64_t size = 0, reclaimable = 0;
};

/// In how many images each layer is, and its size.
class LayerUse {
public:
    explicit LayerUse(engine::Engine& engine) {
        for (const engine::Image& image : engine.images().list()) {
            const std::vector<engine::NewLayer> parts = engine.images().layersOf(image);
            for (std::size_t i = 0; i < parts.size() && i < image.chainIds.size(); ++i) {
                Layer& layer = layers_[image.chainIds[i]];
                layer.size = parts[i].size;
                ++layer.images;
            }
        }
    }
    /// Bytes of the layers that other images have too.
    std::uint64_t sharedBytes(const engine::Image& image) const {
        std::uint64_t bytes = 0;
        for (const std::string& chain : image.chainIds)
            if (const auto layer = layers_.find(chain); layer != layers_.end() && layer->second.images > 1) bytes += layer->second.size;
        return bytes;
    }

private:
    struct Layer {
        std::uint64_t size = 0;
        unsigned images = 0;
    };
    std::map<std::string, Layer> layers_;
};

Usage usageOfImages(engine::Engine& engine, const std::vector<Container>& containers) {
    Usage usage{"Images"};
    std::set<std::string> used;
    for (const Container& container : containers) used.insert(container.spec.imageId);
    std::map<std::string, std::uint64_t> layers;
    std::set<std::string> held;
    for (const engine::Image& image : engine.images().list()) {
        const bool active = used.contains(image.id);
        ++usage.total;
        usage.active += active ? 1 : 0;
        const std::vector<engine::NewLayer> parts = engine.images().layersOf(image);
        for (std::size_t i = 0; i < parts.size() && i < image.chainIds.size(); ++i) {
            layers[image.chainIds[i]] = parts[i].size;
            if (active) held.insert(image.chainIds[i]);
        }
    }
    for (const auto& [chain, size] : layers) {
        usage.size += size;
        if (!held.contains(chain)) usage.reclaimable += size;
    }
    return usage;
}

Usage usageOfContainers(engine::Engine& engine, const std::vector<Container>& containers) {
    Usage usage{"Containers"};
    for (const Container& container : containers) {
        const std::uint64_t size = engine::diskUsage(engine.host().containerDir(container.id) / "upper");
        ++usage.total;
        usage.size += size;
        if (engine::isUp(container.state)) ++usage.active;
        else usage.reclaimable += size;
    }
    return usage;
}

Usage usageOfVolumes(engine::Engine& engine) {
    Usage usage{"Local Volumes"};
    for (const engine::Volume& volume : engine.volumes().list()) {
        const std::uint64_t size = engine::diskUsage(volume.mountpoint);
        const bool active = !engine.volumes().users(volume.spec.name).empty();
        ++usage.total;
        usage.size += size;
        if (active) ++usage.active;
        else usage.reclaimable += size;
    }
    return usage;
}

Usage usageOfBuilds(engine::Engine& engine) {
    Usage usage{"Build Cache"};
    std::set<std::string> held, seen;
    for (const engine::Image& image : engine.images().list()) held.insert(image.chainIds.begin(), image.chainIds.end());
    for (const engine::BuildCacheEntry& entry : engine.builder().cache()) {
        ++usage.total;
        if (held.contains(entry.id)) ++usage.active;
        else if (seen.insert(entry.id).second) usage.size += entry.size;
    }
    usage.reclaimable = usage.size;
    return usage;
}

std::string reclaimableText(const Usage& usage) {
    const std::string size = humanSize(static_cast<double>(usage.reclaimable));
    return usage.size == 0 ? size : fmt::format("{} ({}%)", size, usage.reclaimable * 100 / usage.size);
}

void printDetails(engine::Engine& engine, const std::vector<Container>& containers, const std::string& format) {
    out("Images space usage:\n\n");
    Listing images(format, "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t{{.SharedSize}}\t{{.UniqueSize}}\t{{.Containers}}",
                   {{"ID", "IMAGE ID"}, {"CreatedSince", "CREATED"}, {"SharedSize", "SHARED SIZE"}, {"UniqueSize", "UNIQUE SIZE"}});
    const LayerUse use(engine);
    for (const engine::Image& image : engine.images().list()) {
        const auto size = [](std::uint64_t bytes) { return humanSize(static_cast<double>(bytes), 4); };
        const std::uint64_t shared = use.sharedBytes(image);
        const std::optional<engine::Reference> name = image.references.empty() ? std::nullopt : std::optional(engine::Reference::parse(image.references.front()));
        std::string repository = "<none>";
        if (name) repository = name->familiar().substr(0, name->familiar().size() - name->tag.size() - 1);
        images.add({{"Repository", repository}, {"Tag", name ? name->tag : "<none>"}, {"ID", shortId(image.id)}, {"CreatedSince", ago(image.created)},
                    {"Size", size(image.size)}, {"SharedSize", size(shared)}, {"UniqueSize", size(image.size - shared)},
                    {"Containers", std::to_string(std::count_if(containers.begin(), containers.end(), [&](const Container& c) { return c.spec.imageId == image.id; }))}});
    }
    images.print();
    out("\nContainers space usage:\n\n");
    Listing rows(format, "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.Size}}\t{{.RunningFor}}\t{{.Status}}\t{{.Names}}", {{"ID", "CONTAINER ID"}, {"RunningFor", "CREATED"}});
    for (const Container& container : containers)
        rows.add({{"ID", shortId(container.id)}, {"Image", container.spec.image}, {"Command", commandText(container, true)},
                  {"Size", humanSize(static_cast<double>(engine::diskUsage(engine.host().containerDir(container.id) / "upper")), 3)},
                  {"RunningFor", ago(container.created)}, {"Status", statusText(container.state)}, {"Names", container.name}});
    rows.print();
    out("\nLocal Volumes space usage:\n\n");
    Listing volumes(format, "{{.Name}}\t{{.Links}}\t{{.Size}}", {{"Name", "VOLUME NAME"}});
    for (const engine::Volume& volume : engine.volumes().list())
        volumes.add({{"Name", volume.spec.name}, {"Links", std::to_string(engine.volumes().users(volume.spec.name).size())},
                     {"Size", humanSize(static_cast<double>(engine::diskUsage(volume.mountpoint)), 3)}});
    volumes.print();
}

struct PruneFlags {
    bool all = false, volumes = false, force = false;
    std::vector<std::string> filters;
};

std::string warningOf(const PruneFlags& flags) {
    std::string text = "WARNING! This will remove:\n  - all stopped containers\n  - all networks not used by at least one container\n";
    if (flags.volumes) text += "  - all anonymous volumes not used by at least one container\n";
    text += flags.all ? "  - all images without at least one container associated to them\n  - all build cache\n"
                      : "  - all dangling images\n  - unused build cache\n";
    return text + "\nAre you sure you want to continue?";
}

void printRemoved(const char* title, const std::vector<std::string>& names) {
    if (names.empty()) return;
    out(fmt::format("{}:\n{}\n\n", title, fmt::join(names, "\n")));
}

void prune(engine::Engine& engine, const PruneFlags& flags) {
    const Filters filters(flags.filters, {"label", "label!", "until"});
    const auto wanted = [&](const Labels& labels, const std::string& created) { return filters.acceptLabels(labels) && filters.acceptTime(created); };
    std::uint64_t bytes = 0;
    std::vector<std::string> containers, networks, volumes;
    for (const Container& container : engine.containers().list()) {
        if (engine::isUp(container.state) || !wanted(container.spec.labels, container.created)) continue;
        bytes += engine::diskUsage(engine.host().containerDir(container.id) / "upper");
        containers.push_back(container.id);
    }
    engine.containers().removeAll(containers, false, false);
    printRemoved("Deleted Containers", containers);

    for (const std::string& name : engine.networks().unused()) {
        const std::optional<engine::Network> network = engine.networks().find(name);
        if (!network || !wanted(network->spec.labels, network->created)) continue;
        if (engine.networks().removeUnused(network->id)) networks.push_back(name);
    }
    printRemoved("Deleted Networks", networks);

    for (const engine::Volume& volume : flags.volumes ? engine.volumes().list() : std::vector<engine::Volume>()) {
        if (!volume.anonymous || !engine.volumes().users(volume.spec.name).empty() || !wanted(volume.spec.labels, volume.created)) continue;
        const std::uint64_t size = engine::diskUsage(volume.mountpoint);
        try {
            engine.volumes().remove(volume.spec.name, true);
        } catch (const engine::Conflict&) {
            continue;  // in use since a moment ago
        }
        bytes += size;
        volumes.push_back(volume.spec.name);
    }
    printRemoved("Deleted Volumes", volumes);
    // Images and build cache have no labels to select by: a filter leaves them alone.
    if (flags.filters.empty()) bytes += engine.builder().prune() + engine.images().collect(flags.all);
    out("Total reclaimed space: " + humanSize(static_cast<double>(bytes)) + "\n");
}

}  // namespace

void addSystemDf(CLI::App& command, Context& context) {
    struct Flags {
        bool verbose = false;
        std::string format;
    };
    const auto flags = std::make_shared<Flags>();
    command.add_flag("-v,--verbose", flags->verbose, "Show detailed information on space usage");
    command.add_option("--format", flags->format, "table, json or a template");
    command.callback([flags, &context] {
        engine::Engine& engine = context.engine();
        const std::vector<Container> containers = engine.containers().list();
        if (flags->verbose) return printDetails(engine, containers, flags->format);
        Listing listing(flags->format, "{{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}", {{"TotalCount", "TOTAL"}});
        for (const Usage& usage : {usageOfImages(engine, containers), usageOfContainers(engine, containers), usageOfVolumes(engine), usageOfBuilds(engine)})
            listing.add({{"Active", std::to_string(usage.active)}, {"Reclaimable", reclaimableText(usage)}, {"Size", humanSize(static_cast<double>(usage.size))},
                         {"TotalCount", std::to_string(usage.total)}, {"Type", usage.type}});
        listing.print();
    });
}

void addSystemPrune(CLI::App& command, Context& context) {
    const auto flags = std::make_shared<PruneFlags>();
    command.add_flag("-a,--all", flags->all, "Remove all unused images not just dangling ones");
    command.add_flag("--volumes", flags->volumes, "Prune anonymous volumes");
    command.add_flag("-f,--force", flags->force, "Do not prompt for confirmation");
    addList(command, "--filter", flags->filters, "label=..., until=...");
    command.callback([flags, &context] {
        if (flags->force || confirm(warningOf(*flags))) prune(context.engine(), *flags);
    });
}

}  // namespace devc::app
