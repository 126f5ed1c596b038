#include "engine/log/settings.h"

#include <algorithm>
#include <span>

#include "engine/error.h"
#include "engine/log/journald.h"

namespace devc::engine {

namespace {

constexpr std::uint64_t localFileSize = 20'000'000;
constexpr std::string_view describing[] = {"labels", "labels-regex", "env", "env-regex", "tag"};
constexpr std::string_view fileOptions[] = {"max-size", "max-file", "compress"};
constexpr std::string_view cacheOptions[] = {"cache-disabled", "cache-max-size", "cache-max-file", "cache-compress"};
constexpr std::string_view syslogOptions[] = {"syslog-address", "syslog-facility", "syslog-format", "syslog-tls-ca-cert", "syslog-tls-cert",
                                              "syslog-tls-key", "syslog-tls-skip-verify"};
constexpr std::string_view gelfOptions[] = {"gelf-address", "gelf-compression-type", "gelf-compression-level", "gelf-tcp-max-reconnect", "gelf-tcp-reconnect-delay"};
constexpr std::string_view fluentdOptions[] = {"fluentd-address", "fluentd-async", "fluentd-async-connect", "fluentd-async-reconnect-interval",
                                               "fluentd-buffer-limit", "fluentd-max-retries", "fluentd-request-ack", "fluentd-retry-wait",
                                               "fluentd-sub-second-precision", "fluentd-write-timeout"};

struct DriverRow {
    std::string_view name;
    LogDriver driver;
    bool describes;  ///< messages carry labels, variables, a tag
    std::span<const std::string_view> options;
    const char* unknown;  ///< docker's sentence for another option
};

constexpr DriverRow drivers[] = {
    {"json-file", LogDriver::JsonFile, true, fileOptions, "unknown log opt '{}' for json-file log driver"},
    {"local", LogDriver::Local, false, fileOptions, "unknown log opt '{}' for log driver local"},
    {"none", LogDriver::None, false, {}, ""},
    {"syslog", LogDriver::Syslog, true, syslogOptions, "unknown log opt '{}' for syslog log driver"},
    {"journald", LogDriver::Journald, true, {}, "unknown log opt '{}' for journald log driver"},
    {"gelf", LogDriver::Gelf, true, gelfOptions, "unknown log opt \"{}\" for gelf log driver"},
    {"fluentd", LogDriver::Fluentd, true, fluentdOptions, "unknown log opt '{}' for fluentd log driver"},
};

bool has(std::span<const std::string_view> names, std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); }

const DriverRow& rowOf(const std::string& name) {
    if (name.empty()) return drivers[0];
    for (const DriverRow& row : drivers)
        if (row.name == name) return row;
    std::string known;
    for (const DriverRow& row : drivers) known += (known.empty() ? "" : ", ") + std::string(row.name);
    throw Error::of("error looking up logging plugin {}: plugin \"{}\" not found", name, name).hint("the logging drivers are " + known);
}

bool isRemote(LogDriver driver) { return driver >= LogDriver::Syslog; }

void checkNames(const DriverRow& row, const LogOptions& options) {
    for (const auto& [name, value] : options) {
        bool known = name == "mode" || name == "max-buffer-size" || has(row.options, name) || (row.describes && has(describing, name)) ||
                     (isRemote(row.driver) && has(cacheOptions, name));
        if (!known) throw Error(fmt::format(fmt::runtime(row.unknown), name));
    }
}

LogFileSettings fileSettings(LogDriver driver, const LogOptions& options) {
    LogFileSettings file;
    if (driver == LogDriver::Local) file.maximumSize = localFileSize;
    bool json = driver == LogDriver::JsonFile;
    // As docker: a size without a number of files keeps one.
    if (json && options.contains("max-size")) file.maximumFiles = 1;
    file.maximumSize = sizeOption(options, "max-size", file.maximumSize, Unit::Decimal);
    file.maximumFiles = countOption(options, "max-file", file.maximumFiles, 1);
    file.compress = flagOption(options, "compress", false);
    if (json && file.compress && (file.maximumFiles < 2 || !options.contains("max-size")))
        throw Error("compress cannot be true when max-file is less than 2 or max-size is not set");
    file.attributes = json;
    return file;
}

std::optional<LogFileSettings> cacheSettings(const LogOptions& options) {
    bool disabled = flagOption(options, "cache-disabled", false);
    LogFileSettings file;
    file.maximumSize = sizeOption(options, "cache-max-size", localFileSize, Unit::Decimal);
    file.maximumFiles = countOption(options, "cache-max-file", 5, 1);
    file.compress = flagOption(options, "cache-compress", false);
    return disabled ? std::nullopt : std::optional(file);
}

LogDelivery deliverySettings(const LogOptions& options) {
    LogDelivery delivery;
    if (textOption(options, "mode") != "non-blocking") return delivery;
    delivery.holdsBack = false;
    delivery.bufferSize = sizeOption(options, "max-buffer-size", delivery.bufferSize, Unit::Binary);
    return delivery;
}

void checkMode(const LogOptions& options) {
    std::string mode = textOption(options, "mode");
    if (!mode.empty() && mode != "blocking" && mode != "non-blocking") throw Error::of("logger: logging mode not supported: {}", mode);
    if (!options.contains("max-buffer-size")) return;
    if (mode != "non-blocking") throw Error("logger: max-buffer-size option is only supported with 'mode=non-blocking'");
    sizeOption(options, "max-buffer-size", 0, Unit::Binary);
}

}  // namespace

LogSettings parseLogOptions(const std::string& name, const LogOptions& options) {
    const DriverRow& row = rowOf(name);
    LogSettings settings;
    settings.driver = row.driver;
    if (row.driver == LogDriver::None) return settings;  // takes any option, as docker's
    checkMode(options);
    if (row.driver == LogDriver::Gelf) parseGelfAddress(textOption(options, "gelf-address"));  // said first by docker too
    checkNames(row, options);
    if (!isRemote(row.driver)) {
        settings.file = fileSettings(row.driver, options);
        return settings;
    }
    settings.file = cacheSettings(options);
    settings.delivery = deliverySettings(options);
    LogDelivery& delivery = *settings.delivery;
    if (row.driver == LogDriver::Syslog) settings.syslog = readSyslog(options, delivery);
    if (row.driver == LogDriver::Gelf) settings.gelf = readGelf(options, delivery);
    if (row.driver == LogDriver::Fluentd) settings.fluentd = readFluentd(options, delivery);
    if (row.driver == LogDriver::Journald) delivery.address = LogAddress{LogAddress::Transport::UnixDatagram, journaldSocket, 0};
    return settings;
}

}  // namespace devc::engine
