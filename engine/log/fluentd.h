#pragma once
#include "engine/log/delivery.h"
#include "engine/log/message.h"
#include "engine/log/option_values.h"

namespace devc::engine {

struct FluentdSettings {
    bool subSecond = false;  ///< times with nanoseconds (EventTime) instead of whole seconds
};

/// The driver's own options. Throws Error, in docker's words where docker refuses them too.
FluentdSettings readFluentd(const LogOptions&, LogDelivery&);

/// Fluentd's forward protocol, message mode: [tag, time, record, {}] in MessagePack.
std::unique_ptr<LogEncoder> fluentdEncoder(const FluentdSettings&, const LogSource&);

}  // namespace devc::engine
