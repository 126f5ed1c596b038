#include "app/graph/timing.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/ui/table.h"

namespace devc::app {
namespace {

using nlohmann::json;

double seconds(std::int64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e9; }

/// Of these steps the one that ended last.
std::optional<std::size_t> lastOf(const Timing& timing, const std::vector<std::size_t>& steps) {
    std::optional<std::size_t> last;
    for (const std::size_t step : steps)
        if (!last || timing.steps[step].end > timing.steps[*last].end) last = step;
    return last;
}

std::int64_t endOf(const Timing& timing) {
    std::int64_t end = 0;
    for (const TimedStep& step : timing.steps) end = std::max(end, step.end);
    return end;
}

/// When all that a step came after was done.
std::int64_t readyAt(const Timing& timing, const TimedStep& step) {
    const auto last = lastOf(timing, step.after);
    return last ? timing.steps[*last].end : 0;
}

/// What a step had to wait for: of those that it came after the one that ended last.
std::string reasonOf(const Timing& timing, const TimedStep& step) {
    const auto last = lastOf(timing, step.after);
    return last ? timing.steps[*last].what : "";
}

}  // namespace

std::vector<CriticalStep> criticalPath(const Timing& timing) {
    std::vector<std::size_t> all;
    for (std::size_t index = 0; index < timing.steps.size(); ++index) all.push_back(index);
    std::vector<CriticalStep> path;
    for (auto at = lastOf(timing, all); at && path.size() < timing.steps.size(); at = lastOf(timing, timing.steps[*at].after)) {
        const TimedStep& step = timing.steps[*at];
        path.push_back({*at, std::max<std::int64_t>(step.begin - readyAt(timing, step), 0)});
    }
    std::reverse(path.begin(), path.end());
    return path;
}

std::string timingAsText(const Timing& timing) {
    std::string text = fmt::format("project {}: the last up took {:.3f} s, beginning at {}\n\nlongest way\n", timing.project, seconds(endOf(timing)), timing.began);
    std::string rows = "BEGAN\tTOOK\tQUEUED\tSTEP\n";
    for (const CriticalStep& each : criticalPath(timing)) {
        const TimedStep& step = timing.steps[each.step];
        rows += fmt::format("{:.3f} s\t{:.3f} s\t{:.3f} s\t{}\n", seconds(step.begin), seconds(step.end - step.begin), seconds(each.waited), escapeControls(step.what));
    }
    text += alignColumns(rows, 0, 2) + "\nall steps\n";
    rows = "BEGAN\tTOOK\tSTEP\tWAITED FOR\n";
    std::vector<const TimedStep*> order;
    for (const TimedStep& step : timing.steps) order.push_back(&step);
    std::stable_sort(order.begin(), order.end(), [](const TimedStep* a, const TimedStep* b) { return a->begin < b->begin; });
    for (const TimedStep* step : order)
        rows += fmt::format("{:.3f} s\t{:.3f} s\t{}\t{}\n", seconds(step->begin), seconds(step->end - step->begin), escapeControls(step->what),
                            escapeControls(reasonOf(timing, *step)));
    return text + alignColumns(rows, 0, 2);
}

std::string timingAsJson(const Timing& timing) {
    const auto shown = [&](const TimedStep& step) {
        return json{{"what", step.what}, {"service", step.service}, {"begin", seconds(step.begin)}, {"seconds", seconds(step.end - step.begin)},
                    {"waitedFor", reasonOf(timing, step)}};
    };
    json path = json::array(), steps = json::array();
    for (const CriticalStep& each : criticalPath(timing)) {
        path.push_back(shown(timing.steps[each.step]));
        path.back()["queued"] = seconds(each.waited);
    }
    for (const TimedStep& step : timing.steps) steps.push_back(shown(step));
    const json object = {{"project", timing.project}, {"began", timing.began}, {"seconds", seconds(endOf(timing))}, {"criticalPath", path}, {"steps", steps}};
    return object.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace devc::app
