#include "app/ui/build_view.h"

#include <cstdio>
#include <ctime>

#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <openssl/evp.h>

#include "app/ui/escape.h"
#include "app/ui/table.h"
#include "engine/digest.h"

namespace devc::app {

using engine::BuildProgress;

namespace {

constexpr const char* kindNames[] = {"started", "output", "done", "cached", "error", "canceled", "warning"};

void writeLine(const std::string& line) {
    const std::string whole = line + "\n";
    std::fwrite(whole.data(), 1, whole.size(), stderr);
}

std::string timeNow() {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    std::tm parts{};
    gmtime_r(&now.tv_sec, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    return fmt::format("{}.{:09}Z", text, now.tv_nsec);
}

std::string encodeBase64(std::string_view data) {
    std::string text(4 * ((data.size() + 2) / 3), '\0');
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), reinterpret_cast<const unsigned char*>(data.data()), static_cast<int>(data.size()));
    return text;
}

std::string jsonOf(const BuildProgress& event, const std::string& title) {
    nlohmann::json json = {{"id", event.step}, {"status", kindNames[event.kind]}};
    if (!event.text.empty()) json["text"] = event.text;
    if (!title.empty()) json["service"] = title;
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string nameOf(const std::string& title, const std::string& step) {
    if (title.empty()) return step;
    return "[" + title + (step.starts_with("[") ? " " + step.substr(1) : "] " + step);
}

}  // namespace

BuildView::BuildView(ProgressMode mode, Ansi ansi, bool raw) : mode_(raw ? ProgressMode::Json : mode), raw_(raw) {
    if (mode_ == ProgressMode::Auto) mode_ = ::isatty(STDERR_FILENO) == 1 && ansi != Ansi::Never ? ProgressMode::Tty : ProgressMode::Plain;
    if (mode_ == ProgressMode::Tty) terminal_ = Progress::make(mode_, ansi, false, "Building");
}

std::function<void(const BuildProgress&)> BuildView::of(const std::string& title) {
    return [this, title](const BuildProgress& event) { show(title, event); };
}

void BuildView::pause(const std::function<void()>& work) {
    std::lock_guard guard(mutex_);
    if (terminal_) terminal_->finish();
    work();
}

void BuildView::show(const std::string& title, const BuildProgress& event) {
    if (mode_ == ProgressMode::Quiet) return;
    if (terminal_) return draw(nameOf(title, event.step), event);
    std::lock_guard guard(mutex_);
    if (raw_) return writeLine(rawOf(nameOf(title, event.step), event));
    if (mode_ == ProgressMode::Json) return writeLine(jsonOf(event, title));
    if (event.kind == BuildProgress::Warning) return writeLine("WARNING: " + escapeText(event.text));
    print(escapeControls(nameOf(title, event.step)), event);
}

std::string BuildView::rawOf(const std::string& name, const BuildProgress& event) {
    const std::string vertex = "sha256:" + engine::sha256Hex(name), now = timeNow();
    nlohmann::json status;
    if (event.kind == BuildProgress::Warning) {
        status["warnings"] = {{{"level", 1}, {"short", encodeBase64(event.text)}}};
    } else if (event.kind == BuildProgress::Output) {
        status["logs"] = {{{"vertex", vertex}, {"stream", 1}, {"data", encodeBase64(event.text + "\n")}, {"timestamp", now}}};
    } else {
        const std::string& started = started_.try_emplace(name, now).first->second;
        nlohmann::json step = {{"digest", vertex}, {"name", name}, {"started", started}};
        if (event.kind != BuildProgress::Started) step["completed"] = now;
        if (event.kind == BuildProgress::Cached) step["cached"] = true;
        if (event.kind == BuildProgress::Failed) step["error"] = event.text;
        if (event.kind == BuildProgress::Canceled) step["error"] = "context canceled";
        status["vertexes"] = nlohmann::json::array({step});
    }
    return status.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void BuildView::draw(const std::string& name, const BuildProgress& event) {
    ProgressEvent line{.id = name, .text = {}};
    switch (event.kind) {
        case BuildProgress::Started: break;
        case BuildProgress::Output: line.detail = event.text; break;
        case BuildProgress::Finished: line.state = ProgressState::Done; break;
        case BuildProgress::Cached:
            line.text = "CACHED";
            line.state = ProgressState::Done;
            break;
        case BuildProgress::Failed:
            line.text = "ERROR";
            line.state = ProgressState::Error;
            break;
        case BuildProgress::Canceled:
            line.text = "CANCELED";
            line.state = ProgressState::Warning;
            break;
        case BuildProgress::Warning: return terminal_->message("WARNING: " + event.text);
    }
    terminal_->event(line);
}

void BuildView::print(const std::string& name, const BuildProgress& event) {
    const auto now = std::chrono::steady_clock::now();
    const auto [found, isNew] = steps_.try_emplace(name);
    Step& step = found->second;
    if (isNew) step.number = static_cast<int>(steps_.size());
    if (isNew || event.kind == BuildProgress::Started) step.start = now;
    const double seconds = std::chrono::duration<double>(now - step.start).count();
    switch (event.kind) {
        case BuildProgress::Started: return writeLine(fmt::format("#{} {}", step.number, name));
        case BuildProgress::Output: return writeLine(fmt::format("#{} {:.3f} {}", step.number, seconds, escapeOutput(event.text)));
        case BuildProgress::Finished: return writeLine(fmt::format("#{} DONE {:.1f}s", step.number, seconds));
        case BuildProgress::Cached: return writeLine(fmt::format("#{} {}\n#{} CACHED", step.number, name, step.number));
        case BuildProgress::Failed: return writeLine(fmt::format("#{} ERROR: {}", step.number, escapeText(event.text)));
        case BuildProgress::Canceled: return writeLine(fmt::format("#{} CANCELED", step.number));
        case BuildProgress::Warning: return;
    }
}

}  // namespace devc::app
