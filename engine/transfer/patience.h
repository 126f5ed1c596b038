#pragma once
#include <string>

namespace devc::engine::transfer {

/// How often, and after which pauses, one request is tried again: what a server asks to (Retry-After, at most 20 s), else
/// twice as long each time.
class Patience {
public:
    /// `repeatable`: a request that changes nothing, so that every failure of the server may be tried again.
    explicit Patience(bool repeatable) : repeatable_(repeatable) {}

    /// Waits and returns true where an answer with this status is worth another try.
    bool again(long status, const std::string& retryAfter);
    /// The same after a connection that broke before an answer came.
    bool again();

private:
    bool repeatable_;
    int busy_ = 0, failed_ = 0;
};

}  // namespace devc::engine::transfer
