#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "app/ui/color.h"

namespace devc::app {

enum class ProgressMode { Auto, Tty, Plain, Json, Quiet };

/// "auto", "tty", "plain", "json", "quiet"; empty: COMPOSE_PROGRESS, then auto. Throws Error otherwise.
ProgressMode parseProgress(std::string_view text);

enum class ProgressState { Working, Done, Warning, Error };

/// What happens to one thing: id "Container shop-web-1", text "Starting".
struct ProgressEvent {
    std::string id, text;
    ProgressState state = ProgressState::Working;
    std::string parent = {};  ///< id of the thing it is a part of (a layer of an image); empty: none
    std::string detail = {};  ///< the rest of the line: an error, a reason
    std::uint64_t current = 0, total = 0;  ///< bytes, 0: unknown
};

/// Shows on stderr (on stdout with COMPOSE_STATUS_STDOUT=1) how work goes on. Safe to use from several threads.
/// tty: a line a thing with spinner, state and seconds, redrawn in place in one write, the final state left standing.
/// plain: a line an event. json: an object an event. quiet: errors only by the command itself, nothing here.
class Progress {
public:
    /// `title` heads the terminal view: "Running". With auto a terminal gets tty unless ansi is never.
    static std::unique_ptr<Progress> make(ProgressMode mode, Ansi ansi, bool dryRun = false, std::string title = "Running");
    virtual ~Progress() = default;
    virtual void event(const ProgressEvent& event) = 0;
    /// A line of its own above the view (output of a build step, a warning).
    virtual void message(std::string_view line) = 0;
    /// Draws the final state and stops; also done by the destructor. Events after it print nothing.
    virtual void finish() = 0;

    void working(std::string id, std::string text) { event({std::move(id), std::move(text), ProgressState::Working}); }
    void done(std::string id, std::string text) { event({std::move(id), std::move(text), ProgressState::Done}); }
};

}  // namespace devc::app
