#include <algorithm>
#include <memory>

#include <nlohmann/json.hpp>

#include "app/commands/container.h"
#include "app/commands/noun.h"
#include "app/filter/container_query.h"
#include "app/ui/container_text.h"
#include "app/ui/human.h"
#include "app/ui/listing.h"
#include "engine/container/disk_usage.h"
#include "engine/engine.h"

namespace devc::app {
namespace {

using engine::Container;
using nlohmann::json;

struct ListFlags {
    bool all = false, latest = false, quiet = false, size = false, whole = false;
    int last = -1;
    std::string format;
    std::vector<std::string> filters;
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
    const ContainerQuery query(flags.filters, [&](const std::string& name) { return context.engine().containers().find(name).created; });
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
