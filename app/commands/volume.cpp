#include <algorithm>
#include <memory>

#include <nlohmann/json.hpp>

#include "app/commands/noun.h"
#include "app/filter/filters.h"
#include "app/ui/container_text.h"
#include "app/ui/human.h"
#include "app/ui/listing.h"
#include "app/ui/prompt.h"
#include "engine/container/disk_usage.h"
#include "engine/engine.h"
#include "engine/error.h"

namespace devc::app {

using engine::Error;
using engine::Volume;
using nlohmann::json;

namespace {

engine::Volumes& volumesOf(Context& context) { return context.engine().volumes(); }

void addVolumeLs(CLI::App& command, Context& context) {
    struct Flags {
        bool quiet = false, cluster = false;
        std::string format;
        std::vector<std::string> filters;
    };
    const auto flags = std::make_shared<Flags>();
    command.add_flag("-q,--quiet", flags->quiet, "Only display volume names");
    command.add_option("--format", flags->format, "table, json or a template");
    addList(command, "-f,--filter", flags->filters, "dangling, driver, label, name");
    command.callback([flags, &context] {
        const Filters filters(flags->filters, {"dangling", "driver", "label", "name"});
        Listing listing(flags->quiet && flags->format.empty() ? "{{.Name}}" : flags->format, "{{.Driver}}\t{{.Name}}", {{"Name", "VOLUME NAME"}});
        for (const Volume& volume : volumesOf(context).list()) {
            const engine::VolumeSpec& spec = volume.spec;
            if (!filters.any("name", [&](const std::string& part) { return spec.name.find(part) != std::string::npos; })) continue;
            if (!filters.any("driver", [&](const std::string& driver) { return spec.driver == driver; })) continue;
            if (!filters.acceptLabels(spec.labels)) continue;
            if (!filters.any("dangling", [&](const std::string& text) { return volumesOf(context).users(spec.name).empty() == isTrue(text); })) continue;
            listing.add({{"Availability", "N/A"}, {"Driver", spec.driver}, {"Group", "N/A"}, {"Labels", labelsText(spec.labels)}, {"Links", "N/A"},
                         {"Mountpoint", volume.mountpoint.string()}, {"Name", spec.name}, {"Scope", "local"}, {"Size", "N/A"}, {"Status", "N/A"}},
                        spec.labels);
        }
        listing.print();
    });
}

void addVolumeInspect(CLI::App& command, Context& context) {
    struct Flags {
        std::string format;
        std::vector<std::string> names;
    };
    const auto flags = std::make_shared<Flags>();
    command.add_option("-f,--format", flags->format, "json or a template");
    addNames(command, flags->names, "volume");
    command.callback([flags, &context] {
        json found = json::array();
        forEachName(context, flags->names, [&](const std::string& name) { found.push_back(volumesOf(context).inspect(name)); }, false);
        out(inspectText(found, flags->format));
    });
}

void addVolumeCreate(CLI::App& command, Context& context) {
    struct Flags {
        std::string name, driver = "local";
        std::vector<std::string> labels, options;
    };
    const auto flags = std::make_shared<Flags>();
    command.add_option("volume", flags->name, "Name; a generated one if there is none");
    command.add_option("--name", flags->name)->group("");
    command.add_option("-d,--driver", flags->driver, "Specify volume driver name");
    addList(command, "--label", flags->labels, "Set metadata for a volume");
    addList(command, "-o,--opt", flags->options, "Set driver specific options: type, device, o");
    command.callback([flags, &context] {
        engine::VolumeSpec spec;
        spec.name = flags->name;
        spec.driver = flags->driver;
        spec.labels = keyValues(flags->labels);
        spec.driverOptions = keyValues(flags->options);
        out(volumesOf(context).create(spec).spec.name + "\n");
    });
}

void addVolumeRemove(CLI::App& command, Context& context) {
    struct Flags {
        bool force = false;
        std::vector<std::string> names;
    };
    const auto flags = std::make_shared<Flags>();
    command.add_flag("-f,--force", flags->force, "What is not there is no error");
    addNames(command, flags->names, "volume");
    command.callback([flags, &context] {
        forEachName(context, flags->names, [&](const std::string& name) { volumesOf(context).remove(name, flags->force); });
    });
}

void addVolumePrune(CLI::App& command, Context& context) {
    struct Flags {
        bool all = false, force = false;
        std::vector<std::string> filters;
    };
    const auto flags = std::make_shared<Flags>();
    command.add_flag("-a,--all", flags->all, "Remove all unused volumes, not just anonymous ones");
    command.add_flag("-f,--force", flags->force, "Do not prompt for confirmation");
    addList(command, "--filter", flags->filters, "label=..., all=true");
    command.callback([flags, &context] {
        const Filters filters(flags->filters, {"label", "label!", "all"});
        const bool all = flags->all || (filters.asksFor("all") && isTrue(filters.values("all").back()));
        const std::string what = fmt::format("WARNING! This will remove {} local volumes not used by at least one container.", all ? "all" : "anonymous");
        if (!flags->force && !confirm(what + "\nAre you sure you want to continue?")) return;
        std::uint64_t bytes = 0;
        std::vector<std::string> removed;
        for (const Volume& volume : volumesOf(context).list()) {
            const engine::VolumeSpec& spec = volume.spec;
            if ((!all && !volume.anonymous) || !filters.acceptLabels(spec.labels)) continue;
            if (!volumesOf(context).users(spec.name).empty()) continue;
            const std::uint64_t size = engine::diskUsage(volume.mountpoint);
            try {
                volumesOf(context).remove(spec.name, true);
            } catch (const engine::Conflict&) {
                continue;  // in use since a moment ago
            }
            bytes += size;
            removed.push_back(spec.name);
        }
        if (!removed.empty()) out("Deleted Volumes:\n");
        for (const std::string& name : removed) out(name + "\n");
        out(fmt::format("{}Total reclaimed space: {}\n", removed.empty() ? "" : "\n", humanSize(static_cast<double>(bytes))));
    });
}

}  // namespace

void addVolume(CLI::App& parent, Context& context) {
    addNoun(parent, context, "volume", "Manage volumes",
            {
                {"create", {}, "Create a volume", addVolumeCreate},
                {"inspect", {}, "Display detailed information on one or more volumes", addVolumeInspect},
                {"ls", {"list"}, "List volumes", addVolumeLs},
                {"prune", {}, "Remove unused local volumes", addVolumePrune},
                {"rm", {"remove"}, "Remove one or more volumes", addVolumeRemove},
            });
}

}  // namespace devc::app
