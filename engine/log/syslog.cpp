#include "engine/log/syslog.h"

#include <charconv>
#include <ctime>

#include "engine/error.h"

namespace devc::engine {

namespace {

unsigned facilityOf(const std::string& text) {
    constexpr std::string_view names[] = {"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
                                          "", "", "", "", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"};
    if (text.empty()) return 3;
    for (unsigned number = 0; number < std::size(names); ++number)
        if (names[number] == text) return number;
    unsigned number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number > 23) throw Error("invalid syslog facility").hint(fmt::format("{} is none: it is a name such as daemon or local3, or a number from 0 to 23", text));
    return number;
}

SyslogFormat syslogFormatOf(const std::string& text) {
    if (text.empty()) return SyslogFormat::Local;
    if (text == "rfc3164") return SyslogFormat::Rfc3164;
    if (text == "rfc5424") return SyslogFormat::Rfc5424;
    if (text == "rfc5424micro") return SyslogFormat::Rfc5424Micro;
    throw Error("Invalid syslog format").hint(text + " is none: it is rfc3164, rfc5424 or rfc5424micro");
}

/// The local time, as the format writes it.
std::string timeOf(std::int64_t moment, SyslogFormat format) {
    constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::time_t seconds = moment / 1'000'000'000;
    std::tm date{};
    ::localtime_r(&seconds, &date);
    if (format == SyslogFormat::Local || format == SyslogFormat::Rfc3164)
        return fmt::format("{} {:2} {:02}:{:02}:{:02}", months[date.tm_mon], date.tm_mday, date.tm_hour, date.tm_min, date.tm_sec);
    std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", date.tm_year + 1900, date.tm_mon + 1, date.tm_mday, date.tm_hour, date.tm_min, date.tm_sec);
    if (format == SyslogFormat::Rfc5424Micro) text += fmt::format(".{:06}", moment % 1'000'000'000 / 1000);
    if (date.tm_gmtoff == 0) return text + "Z";
    long minutes = std::labs(date.tm_gmtoff) / 60;
    return text + fmt::format("{}{:02}:{:02}", date.tm_gmtoff < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

class SyslogEncoder : public LogEncoder {
public:
    SyslogEncoder(const SyslogSettings& settings, const LogSource& source, int process)
        : settings_(settings), host_(source.host), tag_(source.tag), process_(process) {}

    std::vector<std::string> encode(const LogMessage& message) override {
        if (message.text.empty()) return {};
        unsigned priority = settings_.facility * 8 + (message.fromStderr ? error : information);
        std::string time = timeOf(message.moment, settings_.format);
        switch (settings_.format) {
            case SyslogFormat::Local: return {fmt::format("<{}>{} {}[{}]: {}\n", priority, time, tag_, process_, message.text)};
            case SyslogFormat::Rfc3164: return {fmt::format("<{}>{} {} {}[{}]: {}\n", priority, time, host_, tag_, process_, message.text)};
            default: return {fmt::format("<{}>1 {} {} {} {} {} - {}\n", priority, time, host_, tag_, process_, tag_, message.text)};
        }
    }

private:
    static constexpr unsigned error = 3, information = 6;
    SyslogSettings settings_;
    std::string host_, tag_;
    int process_;
};

}  // namespace

SyslogSettings readSyslog(const LogOptions& options, LogDelivery& delivery) {
    SyslogSettings settings;
    if (std::string address = textOption(options, "syslog-address"); !address.empty()) delivery.address = parseSyslogAddress(address);
    settings.facility = facilityOf(textOption(options, "syslog-facility"));
    settings.format = syslogFormatOf(textOption(options, "syslog-format"));
    return settings;
}

std::unique_ptr<LogEncoder> syslogEncoder(const SyslogSettings& settings, const LogSource& source, int process) {
    return std::make_unique<SyslogEncoder>(settings, source, process);
}

}  // namespace devc::engine
