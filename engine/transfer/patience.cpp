#include "engine/transfer/patience.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>

namespace devc::engine::transfer {

namespace {
constexpr int mostBusy = 5;    // 429 and 503
constexpr int mostFailed = 2;  // other failures of the server, lost connections
constexpr std::chrono::milliseconds firstPause(250);
}  // namespace

bool Patience::again(long status, const std::string& retryAfter) {
    const bool busy = status == 429 || status == 503;
    if (!busy) return (status == 500 || status == 502 || status == 504) && again();
    if (busy_ == mostBusy) return false;
    const long seconds = retryAfter.empty() ? 1L << busy_ : std::strtol(retryAfter.c_str(), nullptr, 10);
    ++busy_;
    std::this_thread::sleep_for(std::chrono::seconds(std::clamp(seconds, 1L, 20L)));
    return true;
}

bool Patience::again() {
    if (!repeatable_ || failed_ == mostFailed) return false;
    std::this_thread::sleep_for(firstPause * (1 << 2 * failed_));
    ++failed_;
    return true;
}

}  // namespace devc::engine::transfer
