#pragma once
#include "engine/log/delivery.h"
#include "engine/log/message.h"
#include "engine/log/option_values.h"

namespace devc::engine {

/// Local: as programs of a machine write to its own socket; the others after their RFCs, Rfc5424Micro with microseconds.
enum class SyslogFormat { Local, Rfc3164, Rfc5424, Rfc5424Micro };

struct SyslogSettings {
    unsigned facility = 3;  ///< daemon
    SyslogFormat format = SyslogFormat::Local;
};

/// The driver's own options. Throws Error, in docker's words where docker refuses them too.
SyslogSettings readSyslog(const LogOptions&, LogDelivery&);

/// A line a message, ending in a newline on every transport; empty messages are left out. `process`: the pid that is said.
std::unique_ptr<LogEncoder> syslogEncoder(const SyslogSettings&, const LogSource&, int process);

}  // namespace devc::engine
