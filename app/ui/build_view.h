#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "app/ui/progress.h"
#include "engine/build/builder.h"

namespace devc::app {

/// Shows builds on stderr in BuildKit's plain form: "#3 [2/4] RUN make", "#3 0.512 output", "#3 DONE 1.2s", "#3 CACHED".
/// On a terminal a line a step with the last line of its output, redrawn in place. Quiet shows nothing; json an object a line;
/// with `raw` that object is one of BuildKit's status stream: {"vertexes": [...]}, {"logs": [...]}, {"warnings": [...]}.
/// Safe to use from several threads.
class BuildView {
public:
    explicit BuildView(ProgressMode mode, Ansi ansi = Ansi::Auto, bool raw = false);
    /// Takes the events of one build. `title` (a service's name) stands before its steps; empty: nothing.
    std::function<void(const engine::BuildProgress&)> of(const std::string& title);
    /// Ends the drawing and leaves the terminal to `work`; other builds wait meanwhile with what they have to say.
    void pause(const std::function<void()>& work);

private:
    struct Step {
        int number = 0;
        std::chrono::steady_clock::time_point start;
    };
    void show(const std::string& title, const engine::BuildProgress& event);
    void draw(const std::string& name, const engine::BuildProgress& event);
    std::string rawOf(const std::string& name, const engine::BuildProgress& event);
    void print(const std::string& name, const engine::BuildProgress& event);

    ProgressMode mode_;
    bool raw_;
    std::map<std::string, std::string> started_;  ///< of steps, RFC 3339
    std::unique_ptr<Progress> terminal_;
    std::mutex mutex_;
    std::map<std::string, Step> steps_;
};

}  // namespace devc::app
