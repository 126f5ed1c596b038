#pragma once
#include "engine/log/delivery.h"
#include "engine/log/message.h"
#include "engine/log/option_values.h"

namespace devc::engine {

enum class GelfCompression { None, Gzip, Zlib };

struct GelfSettings {
    bool datagrams = true;
    GelfCompression compression = GelfCompression::Gzip;  ///< of datagrams
    int level = 1;                                        ///< -1..9
};

/// The driver's own options. Throws Error, in docker's words where docker refuses them too.
GelfSettings readGelf(const LogOptions&, LogDelivery&);

/// GELF 1.1: an object a message; as datagrams compressed, and in chunks where one is too large; in a stream with a zero byte
/// at its end. Empty messages are left out, and those that 128 chunks do not hold.
std::unique_ptr<LogEncoder> gelfEncoder(const GelfSettings&, const LogSource&);

}  // namespace devc::engine
