#pragma once
#include <cstddef>
#include <functional>
#include <vector>

namespace devc::app {

struct Task {
    std::vector<std::size_t> after;  ///< indices of tasks that must be done before
    bool waits = false;              ///< it mostly waits: gets a thread of its own and no place among the workers
};

/// Does all tasks, as wide as their order allows, with at most `workers` at the same time (waiting ones not counted).
/// After a failure nothing new begins; what runs is finished, then the first failure is thrown.
void runTasks(const std::vector<Task>& tasks, unsigned workers, const std::function<void(std::size_t)>& work);

}  // namespace devc::app
