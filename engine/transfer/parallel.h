#pragma once
#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace devc::engine::transfer {

/// Does `work(0, lane)` to `work(count - 1, lane)` on at most `lanes` threads, the caller's among them; no two at once have
/// one lane (0 to lanes - 1). After a failure nothing new begins; `failed()` tells those that are at work. Throws the first
/// failure when all have ended.
class Parallel {
public:
    void run(unsigned lanes, std::size_t count, const std::function<void(std::size_t, unsigned)>& work);
    bool failed() const { return failed_; }

private:
    std::atomic<bool> failed_ = false;
    std::mutex mutex_;
    std::exception_ptr problem_;
};

}  // namespace devc::engine::transfer
