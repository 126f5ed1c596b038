#pragma once
#include <chrono>
#include <map>
#include <mutex>
#include <string>

#include "app/ui/progress.h"
#include "engine/build/builder.h"

namespace devc::app {

/// Shows a build on stderr in BuildKit's plain form: "#3 [2/4] RUN make", "#3 0.512 output", "#3 DONE 1.2s", "#3 CACHED".
/// Quiet shows nothing; json an object a line. Safe to use from several threads.
class BuildView {
public:
    /// `title` (a service's name) stands before the steps of one of several builds; empty: nothing.
    explicit BuildView(ProgressMode mode, std::string title = {});
    void operator()(const engine::BuildProgress& event);

private:
    struct Step {
        int number = 0;
        std::chrono::steady_clock::time_point start;
    };
    Step& stepOf(const std::string& title);
    void print(const Step& step, const engine::BuildProgress& event) const;

    ProgressMode mode_;
    std::string title_;
    std::mutex mutex_;
    std::map<std::string, Step> steps_;
};

}  // namespace devc::app
