#include "app/ui/build_view.h"

#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace devc::app {

using engine::BuildProgress;

namespace {

constexpr const char* kindNames[] = {"started", "output", "done", "cached", "error", "warning"};

void writeLine(const std::string& line) {
    const std::string whole = line + "\n";
    std::fwrite(whole.data(), 1, whole.size(), stderr);
}

std::string jsonOf(const BuildProgress& event, const std::string& title) {
    nlohmann::json json = {{"id", event.step}, {"status", kindNames[event.kind]}};
    if (!event.text.empty()) json["text"] = event.text;
    if (!title.empty()) json["service"] = title;
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

BuildView::BuildView(ProgressMode mode, std::string title) : mode_(mode), title_(std::move(title)) {}

BuildView::Step& BuildView::stepOf(const std::string& title) {
    const auto [step, isNew] = steps_.try_emplace(title);
    if (isNew) step->second = {static_cast<int>(steps_.size()), std::chrono::steady_clock::now()};
    return step->second;
}

void BuildView::operator()(const BuildProgress& event) {
    if (mode_ == ProgressMode::Quiet) return;
    std::lock_guard guard(mutex_);
    if (mode_ == ProgressMode::Json) return writeLine(jsonOf(event, title_));
    if (event.kind == BuildProgress::Warning) return writeLine("WARNING: " + event.text);
    Step& step = stepOf(event.step);
    if (event.kind == BuildProgress::Started) step.start = std::chrono::steady_clock::now();
    print(step, event);
}

void BuildView::print(const Step& step, const BuildProgress& event) const {
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - step.start).count();
    const std::string name = title_.empty() ? event.step : "[" + title_ + (event.step.starts_with("[") ? " " + event.step.substr(1) : "] " + event.step);
    switch (event.kind) {
        case BuildProgress::Started: return writeLine(fmt::format("#{} {}", step.number, name));
        case BuildProgress::Output: return writeLine(fmt::format("#{} {:.3f} {}", step.number, seconds, event.text));
        case BuildProgress::Finished: return writeLine(fmt::format("#{} DONE {:.1f}s", step.number, seconds));
        case BuildProgress::Cached: return writeLine(fmt::format("#{} {}\n#{} CACHED", step.number, name, step.number));
        case BuildProgress::Failed: return writeLine(fmt::format("#{} ERROR: {}", step.number, event.text));
        case BuildProgress::Warning: return;
    }
}

}  // namespace devc::app
