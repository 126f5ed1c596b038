#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/linux/fd.h"

namespace devc::engine {

/// Wakes when files change (inotify(7)).
class Watch {
public:
    Watch();
    /// Adds a file or folder; `events` are IN_* flags. False if it does not exist.
    bool add(const std::string& path, std::uint32_t events);
    int descriptor() const { return inotify_.get(); }
    /// Waits until something watched changed, one of `others` is readable or the moment (nanoseconds since the epoch) is
    /// reached; true only for the first two. What was reported is consumed.
    bool wait(std::optional<std::int64_t> until = {}, const std::vector<int>& others = {});

private:
    Fd inotify_;
};

}  // namespace devc::engine
