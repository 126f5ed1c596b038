#include "app/ui/progress.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

#include <sys/ioctl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "app/ui/environment.h"
#include "app/ui/escape.h"
#include "app/ui/human.h"
#include "app/ui/table.h"
#include "engine/error.h"

namespace devc::app {
namespace {

using Clock = std::chrono::steady_clock;

/// Where the progress goes: to stderr, or with COMPOSE_STATUS_STDOUT=1 to stdout.
class Output {
public:
    Output() : file_(environmentFlag("COMPOSE_STATUS_STDOUT") ? stdout : stderr) {}
    void write(const std::string& text) const { std::fwrite(text.data(), 1, text.size(), file_); }
    void flush() const { std::fflush(file_); }
    int descriptor() const { return ::fileno(file_); }

private:
    std::FILE* file_;
};

class Quiet : public Progress {
public:
    void event(const ProgressEvent&) override {}
    void message(std::string_view line) override { output_.write(std::string(line) + "\n"); }
    void finish() override {}

private:
    const Output output_;
};

class Plain : public Progress {
public:
    explicit Plain(bool dryRun) : prefix_(dryRun ? "DRY-RUN MODE - " : "") {}
    void event(const ProgressEvent& event) override {
        const std::lock_guard guard(mutex_);
        if (done_) return;
        std::string line = fmt::format("{} {} {}", prefix_, escapeControls(event.id), escapeControls(event.text));
        if (event.total > 0 && event.state == ProgressState::Working)
            return;  // bytes on their way are news for a terminal only
        if (!event.detail.empty()) line += " " + escapeControls(event.detail);
        output_.write(line + "\n");
    }
    void message(std::string_view line) override {
        const std::lock_guard guard(mutex_);
        output_.write(escapeText(line) + "\n");
    }
    void finish() override {
        const std::lock_guard guard(mutex_);
        done_ = true;
    }

private:
    const Output output_;
    std::mutex mutex_;
    std::string prefix_;
    bool done_ = false;
};

class Json : public Progress {
public:
    explicit Json(bool dryRun) : dryRun_(dryRun) {}
    void event(const ProgressEvent& event) override {
        static constexpr const char* names[] = {"Working", "Done", "Warning", "Error"};
        nlohmann::json line = {{"id", event.id}, {"status", names[static_cast<int>(event.state)]}, {"text", event.text}};
        if (dryRun_) line["dry-run"] = true;
        if (!event.parent.empty()) line["parent_id"] = event.parent;
        if (!event.detail.empty()) line["details"] = event.detail;
        if (event.total > 0) {
            line["current"] = event.current;
            line["total"] = event.total;
            line["percent"] = event.current * 100 / event.total;
        }
        print(line);
    }
    void message(std::string_view line) override { print({{"message", line}}); }
    void finish() override {}

private:
    void print(const nlohmann::json& line) {
        const std::lock_guard guard(mutex_);
        output_.write(line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    }
    const Output output_;
    std::mutex mutex_;
    bool dryRun_;
};

/// Draws from a thread of its own: events only note the news, so that a slow terminal never holds up the work.
class Tty : public Progress {
public:
    Tty(bool color, bool dryRun, std::string title) : color_(color), dryRun_(dryRun), title_(std::move(title)), painter_([this] { paintUntilDone(); }) {}
    ~Tty() override { stop(); }

    void event(const ProgressEvent& event) override {
        const std::lock_guard guard(mutex_);
        if (done_) return;
        auto found = std::find_if(lines_.begin(), lines_.end(), [&](const Line& l) { return l.event.id == event.id; });
        if (found == lines_.end()) {
            lines_.push_back({event, Clock::now(), {}});
            found = lines_.end() - 1;
        }
        found->event = event;
        if (event.state != ProgressState::Working) found->ended = Clock::now();
        news_.notify_one();
    }
    void message(std::string_view line) override {
        const std::lock_guard guard(mutex_);
        if (done_) return output_.write(escapeText(line) + "\n");
        messages_ += escapeText(line) + "\n";
        news_.notify_one();
    }
    void finish() override { stop(); }

private:
    struct Line {
        ProgressEvent event;
        Clock::time_point begun, ended;
    };

    void stop() {
        {
            const std::lock_guard guard(mutex_);
            done_ = true;
            news_.notify_one();
        }
        if (painter_.joinable()) painter_.join();
    }

    void paintUntilDone() {
        std::unique_lock lock(mutex_);
        while (!done_) {
            draw(false);
            news_.wait_for(lock, std::chrono::milliseconds(100));
        }
        draw(true);
    }

    std::string colored(std::string_view code, std::string text) const { return color_ ? paint(code, text) : text; }

    /// Takes the last character away.
    static void shorten(std::string& text) {
        while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80) text.pop_back();
        if (!text.empty()) text.pop_back();
    }

    std::string lineText(const Line& line, std::size_t idWidth, std::size_t columns) const {
        static constexpr std::string_view spinner[] = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
        const bool working = line.event.state == ProgressState::Working;
        const auto elapsed = (working ? Clock::now() : line.ended) - line.begun;
        const double seconds = std::chrono::duration<double>(elapsed).count();
        std::string_view mark = "✔", code = "32";
        if (working) {
            mark = spinner[static_cast<std::size_t>(seconds * 10) % std::size(spinner)];
            code = "34";
        } else if (line.event.state == ProgressState::Warning) {
            mark = "!";
            code = "33";
        } else if (line.event.state == ProgressState::Error) {
            mark = "✘";
            code = "31";
        }
        std::string id = escapeControls(line.event.id);
        if (!line.event.parent.empty()) id = "  " + id;
        while (displayWidth(id) > idWidth && !id.empty()) shorten(id);
        if (displayWidth(id) < idWidth) id.append(idWidth - displayWidth(id), ' ');
        std::string text = escapeControls(line.event.text);
        if (working && line.event.total > 0)
            text += fmt::format(" {}/{}", humanSize(static_cast<double>(line.event.current), 3), humanSize(static_cast<double>(line.event.total), 3));
        if (!line.event.detail.empty()) text += " " + escapeControls(line.event.detail);
        const std::string timer = fmt::format("{:.1f}s", seconds);
        std::size_t used = 3 + displayWidth(id) + 1 + displayWidth(text) + 1 + timer.size();
        while (used > columns && !text.empty()) {  // never wraps: a wrapped line could not be redrawn
            shorten(text);
            used = 3 + displayWidth(id) + 1 + displayWidth(text) + 1 + timer.size();
        }
        const std::string gap(used < columns ? columns - used : 0, ' ');
        return fmt::format(" {} {} {} {}{}", colored(code, std::string(mark)), id, colored(code, text), gap, colored("34", timer));
    }

    /// The whole view in one write; the cursor stays below it.
    void draw(bool last) {
        winsize size{};
        ::ioctl(output_.descriptor(), TIOCGWINSZ, &size);
        const std::size_t columns = size.ws_col > 20 ? size.ws_col : 80, rows = size.ws_row > 4 ? size.ws_row : 24;
        std::string out;
        if (drawn_ > 0) out += fmt::format("\x1b[{}A\r", drawn_);
        if (!messages_.empty()) out += "\x1b[J" + std::exchange(messages_, {});
        std::size_t idWidth = 0, finished = 0;
        for (const Line& line : lines_) {
            idWidth = std::max(idWidth, displayWidth(escapeControls(line.event.id)) + (line.event.parent.empty() ? 0 : 2));
            finished += line.event.state != ProgressState::Working ? 1 : 0;
        }
        idWidth = std::min(idWidth, columns * 2 / 3);
        drawn_ = 0;
        if (!lines_.empty()) {
            out += fmt::format("{}[+] {} {}/{}\x1b[K\n", dryRun_ ? "DRY-RUN MODE - " : "", title_, finished, lines_.size());
            ++drawn_;
        }
        // What does not fit on the screen could not be redrawn: the newest lines are shown, all of them at the end.
        const std::size_t from = !last && lines_.size() + 2 > rows ? lines_.size() + 2 - rows : 0;
        for (std::size_t i = from; i < lines_.size(); ++i, ++drawn_) out += lineText(lines_[i], idWidth, columns) + "\x1b[K\n";
        out += "\x1b[J";
        output_.write(out);
        output_.flush();
    }

    const Output output_;
    bool color_, dryRun_;
    std::string title_;
    std::mutex mutex_;
    std::condition_variable news_;
    std::vector<Line> lines_;
    std::string messages_;
    std::size_t drawn_ = 0;
    bool done_ = false;
    std::thread painter_;  // last: everything above exists before it begins
};

}  // namespace

ProgressMode parseProgress(std::string_view text) {
    if (text.empty() || text == "auto") {
        const char* variable = std::getenv("COMPOSE_PROGRESS");
        text = variable != nullptr && *variable != '\0' ? variable : "auto";
    }
    if (text == "auto") return ProgressMode::Auto;
    if (text == "tty") return ProgressMode::Tty;
    if (text == "plain") return ProgressMode::Plain;
    if (text == "json" || text == "rawjson") return ProgressMode::Json;
    if (text == "quiet") return ProgressMode::Quiet;
    throw engine::Error::of("unsupported --progress value \"{}\"", text).hint("auto, tty, plain, json or quiet");
}

std::unique_ptr<Progress> Progress::make(ProgressMode mode, Ansi ansi, bool dryRun, std::string title) {
    const int descriptor = Output().descriptor();
    if (mode == ProgressMode::Auto)
        mode = ::isatty(descriptor) == 1 && ansi != Ansi::Never ? ProgressMode::Tty : ProgressMode::Plain;
    switch (mode) {
        case ProgressMode::Tty: return std::make_unique<Tty>(colorWanted(ansi, descriptor), dryRun, std::move(title));
        case ProgressMode::Json: return std::make_unique<Json>(dryRun);
        case ProgressMode::Quiet: return std::make_unique<Quiet>();
        default: return std::make_unique<Plain>(dryRun);
    }
}

}  // namespace devc::app
