#include <memory>

#include <nlohmann/json.hpp>

#include "app/commands/noun.h"
#include "app/ui/human.h"
#include "app/ui/listing.h"
#include "app/ui/prompt.h"
#include "engine/engine.h"

namespace devc::app {
namespace {

void addBuilderPrune(CLI::App& command, Context& context) {
    struct Flags {
        bool all = false, force = false;
    };
    const auto flags = std::make_shared<Flags>();
    command.add_flag("-a,--all", flags->all, "Accepted; devc keeps no other build cache");
    command.add_flag("-f,--force", flags->force, "Do not prompt for confirmation");
    command.callback([flags, &context] {
        if (!flags->force && !confirm("WARNING! This will remove all build cache.\nAre you sure you want to continue?")) return;
        out("Total:\t" + humanSize(static_cast<double>(context.engine().builder().prune())) + "\n");
    });
}

void addBuilderUsage(CLI::App& command, Context& context) {
    const auto format = std::make_shared<std::string>();
    command.add_option("--format", *format, "table, json or a template");
    command.callback([format, &context] {
        Listing listing(*format, "{{.ID}}\t{{.Size}}\t{{.CreatedSince}}\t{{.Description}}", {{"CreatedSince", "CREATED"}});
        std::uint64_t total = 0;
        for (const engine::BuildCacheEntry& entry : context.engine().builder().cache()) {
            total += entry.size;
            listing.add({{"ID", entry.id.substr(0, 12)}, {"Size", humanSize(static_cast<double>(entry.size))}, {"CreatedAt", entry.created},
                         {"CreatedSince", ago(entry.created)}, {"Description", entry.title}});
        }
        listing.print();
        if (format->empty()) out("Total:\t" + humanSize(static_cast<double>(total)) + "\n");
    });
}

}  // namespace

void addBuilder(CLI::App& parent, Context& context) {
    addNoun(parent, context, "builder", "Manage the build cache",
            {
                {"du", {}, "Disk usage of the build cache", addBuilderUsage},
                {"prune", {}, "Remove build cache", addBuilderPrune},
            });
}

}  // namespace devc::app
