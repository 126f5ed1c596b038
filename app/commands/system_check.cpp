#include <memory>

#include <nlohmann/json.hpp>

#include "app/commands/noun.h"
#include "app/commands/system.h"
#include "app/ui/human.h"
#include "engine/api/check.h"
#include "engine/engine.h"

namespace devc::app {

void addSystemCheck(CLI::App& command, Context& context) {
    struct Flags {
        bool fix = false;
        std::string format;
    };
    const auto flags = std::make_shared<Flags>();
    command.add_flag("--fix", flags->fix, "Remove what is damaged or left behind, restore what can be restored");
    command.add_option("--format", flags->format, "json")->check(CLI::IsMember({"json"}));
    command.callback([flags, &context] {
        const engine::StoreReport report = engine::check(context.engine(), flags->fix);
        if (flags->fix ? !report.unmended.empty() : !report.problems.empty()) context.status = 1;
        if (flags->format == "json") {
            const nlohmann::json object = {{"Problems", report.problems}, {"Passing", report.passing}, {"Repairs", report.repairs}, {"Unmended", report.unmended}, {"Blobs", report.blobs},
                                           {"Bytes", report.bytes}, {"Layers", report.layers}, {"Images", report.images}};
            return out(object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
        }
        for (const std::string& problem : report.problems) out("problem: " + problem + "\n");
        for (const std::string& passing : report.passing) out("left for the next command: " + passing + "\n");
        for (const std::string& repair : report.repairs) out("fixed: " + repair + "\n");
        for (const std::string& failure : report.unmended) out("not fixed: " + failure + "\n");
        out(fmt::format("{} images, {} layers, {} blobs with {}: {}\n", report.images, report.layers, report.blobs, humanSize(static_cast<double>(report.bytes)),
                        report.problems.empty() ? "all right" : fmt::format("{} problems", report.problems.size())));
        if (context.status != 0 && !flags->fix) std::fputs("hint: `devc system check --fix` removes what is damaged and what was left behind\n", stderr);
    });
}

}  // namespace devc::app
