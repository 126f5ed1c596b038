#pragma once
#include <chrono>
#include <cstdint>
#include <optional>

#include "engine/log/address.h"

namespace devc::engine {

/// How a driver gets to its receiver.
struct LogDelivery {
    std::optional<LogAddress> address;  ///< none: syslog's usual sockets of this machine
    bool waitsForReceiver = true;       ///< a receiver that is not there when the container starts is an error
    std::uint64_t bufferSize = 1 << 20; ///< bytes kept while the receiver does not take them
    bool holdsBack = true;              ///< a full buffer makes the container wait, as long as there is a receiver
    std::chrono::nanoseconds retryWait{std::chrono::seconds(1)};
    std::optional<unsigned> maximumRetries;  ///< then what is kept is given up
};

}  // namespace devc::engine
