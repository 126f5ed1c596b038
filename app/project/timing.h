#pragma once
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "app/project/action.h"

namespace devc::app {

/// A step of bringing a project up, as it was done. Moments are nanoseconds since the beginning.
struct TimedStep {
    std::string what;  ///< "container shop-web-1 started", "db is healthy"
    std::string service;
    std::int64_t begin = 0, end = 0;
    std::vector<std::size_t> after;  ///< indices of the steps that had to be done before
    bool operator==(const TimedStep&) const = default;
};

/// What the last `up` of a project did that changed something; see `devc graph --timing`.
struct Timing {
    std::string project;
    std::string began;             ///< RFC 3339
    std::vector<TimedStep> steps;  ///< those that were done, each behind what it comes after
    bool operator==(const Timing&) const = default;
};

/// What an action is called when it is done.
std::string describe(const Action& action);

/// Takes the time of what `up` does. Safe to use from several threads.
class Stopwatch {
public:
    Stopwatch();

    /// A step of its own, behind all that are known now: the images.
    template <typename Work>
    auto measure(std::string what, Work&& work) {
        const std::size_t index = begin(std::move(what));
        struct End {
            Stopwatch& watch;
            std::size_t index;
            ~End() { watch.end(index); }
        } ending{*this, index};
        return work();
    }

    /// The actions of a graph follow; their steps are `index` of the action behind the result. An action without a
    /// predecessor comes after all steps that are known now.
    std::size_t expect(const ActionGraph& graph);
    void begin(std::size_t step);
    void end(std::size_t step);

    /// Those steps that have ended.
    Timing result(const std::string& project) const;

private:
    std::size_t begin(std::string what);
    std::int64_t now() const;

    std::string began_;
    std::int64_t origin_ = 0;
    mutable std::mutex mutex_;
    std::vector<TimedStep> steps_;
    std::vector<bool> done_;
};

std::string encode(const Timing& timing);
/// Throws Error if it is not what encode() writes.
Timing decodeTiming(const std::string& json);

/// Kept with the project until the next `up` that changes something, `down` or a reboot.
void keep(const std::filesystem::path& runDir, const Timing& timing);
std::optional<Timing> keptTiming(const std::filesystem::path& runDir, const std::string& project);
void forgetTiming(const std::filesystem::path& runDir, const std::string& project);

}  // namespace devc::app
