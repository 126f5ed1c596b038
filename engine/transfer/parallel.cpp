#include "engine/transfer/parallel.h"

#include <algorithm>

namespace devc::engine::transfer {

void Parallel::run(unsigned lanes, std::size_t count, const std::function<void(std::size_t, unsigned)>& work) {
    std::atomic<std::size_t> next = 0;
    const auto worker = [&](unsigned lane) {
        try {
            for (std::size_t i = next++; i < count && !failed_; i = next++) work(i, lane);
        } catch (...) {
            std::lock_guard lock(mutex_);
            if (!failed_.exchange(true)) problem_ = std::current_exception();
        }
    };
    std::vector<std::jthread> others;
    for (unsigned lane = 1; lane < std::min<std::size_t>(lanes, count); ++lane) others.emplace_back(worker, lane);
    worker(0);
    others.clear();  // joins
    if (problem_) std::rethrow_exception(problem_);
}

}  // namespace devc::engine::transfer
