#pragma once
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "app/ui/log_printer.h"
#include "engine/container/containers.h"
#include "engine/linux/wakeup.h"

namespace devc::engine {
class Engine;
}

namespace devc::app {

/// The name that a container has in its project's output: "web-1" for shop-web-1, its own name if it was given one.
std::string shownName(const engine::Container& container);

/// Prints what several containers write, each followed by a thread of its own until it ends. No line is printed twice.
class Followers {
public:
    struct Ended {
        std::string id, name, service;
        int exitCode = 0;
    };

    Followers(engine::Engine& engine, LogPrinter& printer);
    /// Waits for the containers that are followed to end.
    ~Followers();

    /// One that is followed already is followed on if it is started again; a run that was followed to its end is not
    /// followed twice. `print` false: only its end is waited for. `announce`: a line says with which status it ended.
    /// Safe to call from several threads.
    void follow(const engine::Container& container, const engine::LogQuery& query, bool print, bool announce);
    /// Readable in poll when take() has something.
    int descriptor() const { return wake_.descriptor(); }
    /// A container that has ended since the last call.
    std::optional<Ended> take();
    /// Containers that are followed and have not ended.
    std::size_t open() const;
    /// Returns when none of them is open.
    void waitForAll();

private:
    struct Track {
        bool open = false, again = false;  ///< again: started while it was open
        std::string seen;                  ///< time of the last line printed
        std::string done;                  ///< start of the last run that was followed to its end
    };
    struct Task {
        engine::Container container;
        engine::LogQuery query;
        bool print = false, announce = false;
    };

    void run(Task task);
    void followOnce(const Task& task, std::string& seen);
    bool goesOn(const std::string& id);

    engine::Engine& engine_;
    LogPrinter& printer_;
    engine::Wakeup wake_;
    mutable std::mutex mutex_;
    std::condition_variable closed_;
    std::map<std::string, Track> tracks_;
    std::deque<Ended> ended_;
    std::size_t open_ = 0;
    std::vector<std::thread> threads_;
};

}  // namespace devc::app
