#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "engine/log/delivery.h"
#include "engine/log/fluentd.h"
#include "engine/log/gelf.h"
#include "engine/log/option_values.h"
#include "engine/log/syslog.h"

namespace devc::engine {

/// A container's own log files: `path`, `path.1`, ... `path.<maximumFiles - 1>`.
struct LogFileSettings {
    std::uint64_t maximumSize = 100'000'000;  ///< bytes of one file
    unsigned maximumFiles = 5;
    bool compress = false;   ///< all but the newest, with gzip
    bool attributes = false; ///< labels, variables and the tag go with each entry
};

enum class LogDriver { JsonFile, Local, None, Syslog, Journald, Gelf, Fluentd };

/// What a container's `logging` says, checked.
struct LogSettings {
    LogDriver driver = LogDriver::JsonFile;
    std::optional<LogFileSettings> file;  ///< also what a driver with a receiver keeps for `logs`
    std::optional<LogDelivery> delivery;
    SyslogSettings syslog;
    GelfSettings gelf;
    FluentdSettings fluentd;
};

/// Throws Error with docker's words for a driver that does not exist, an option that it does not have or a wrong value.
/// Empty driver: json-file.
LogSettings parseLogOptions(const std::string& driver, const LogOptions& options);

}  // namespace devc::engine
