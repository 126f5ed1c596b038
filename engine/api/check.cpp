#include "engine/api/check.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "engine/engine.h"
#include "engine/error.h"
#include "engine/state/salvage.h"

namespace devc::engine {

namespace {

/// Commands and monitors that are about something leave it for a moment: longer than that, it has no owner.
constexpr std::chrono::milliseconds moment(1500);

std::vector<Leftover> leftoversOf(Engine& engine) {
    std::vector<Leftover> found = engine.containers().leftovers();
    for (Leftover& one : engine.networks().leftovers()) found.push_back(std::move(one));
    return found;
}

std::vector<Leftover> lastingLeftovers(Engine& engine) {
    const std::vector<Leftover> before = leftoversOf(engine);
    if (before.empty()) return {};
    std::this_thread::sleep_for(moment);
    std::vector<Leftover> now = leftoversOf(engine);
    std::erase_if(now, [&](const Leftover& one) {
        return std::none_of(before.begin(), before.end(), [&](const Leftover& other) { return other.what == one.what; });
    });
    return now;
}

void checkLeftovers(Engine& engine, bool fix, StoreReport& report) {
    for (const Leftover& one : lastingLeftovers(engine)) {
        if (one.isPassing) report.passing.push_back(one.what);
        else report.problems.push_back("left behind: " + one.what);
        if (!fix) continue;
        try {
            one.remove();
            report.repairs.push_back("removed " + one.what);
        } catch (const Error& error) {
            report.unmended.push_back(fmt::format("{}: {}", one.what, error.what()));
        }
    }
}

/// False if it is damaged and stays so.
bool checkDatabase(Engine& engine, bool fix, StoreReport& report) {
    const std::vector<std::string> found = problemsOf(engine.database());
    const std::string file = engine.host().database().string();
    for (const std::string& problem : found) report.problems.push_back(fmt::format("the database {}: {}", file, problem));
    if (found.empty() || !fix) return found.empty();
    try {
        std::vector<std::string> adopted;
        // Before any command takes their folders for what a killed one has left.
        const Salvage saved = salvage(engine.database(), file, [&](Database& fresh) { adopted = Volumes(engine.host(), fresh).adoptFolders(); });
        report.repairs.push_back(fmt::format("made the database anew from {} rows that can be read; the damaged one is {}.damaged", saved.rows, file));
        for (const std::string& table : saved.cutTables) report.repairs.push_back(fmt::format("of the table {} rows are lost", table));
        for (const std::string& name : adopted) report.repairs.push_back("recorded the volume " + name + " again, without labels and options");
    } catch (const Error& error) {
        report.unmended.push_back(error.what());
        return false;
    }
    return true;
}

}  // namespace

StoreReport check(Engine& engine, bool fix) {
    StoreReport report;
    if (!checkDatabase(engine, fix, report)) return report;
    StoreReport images = engine.images().check(fix);
    report.blobs = images.blobs;
    report.bytes = images.bytes;
    report.layers = images.layers;
    report.images = images.images;
    report.problems.insert(report.problems.end(), images.problems.begin(), images.problems.end());
    report.repairs.insert(report.repairs.end(), images.repairs.begin(), images.repairs.end());
    checkLeftovers(engine, fix, report);
    return report;
}

}  // namespace devc::engine
