#include "engine/log/address.h"

#include <charconv>
#include <cerrno>
#include <optional>
#include <sys/stat.h>

#include "engine/error.h"

namespace devc::engine {

namespace {

using Transport = LogAddress::Transport;

constexpr std::uint16_t syslogPort = 514, fluentdPort = 24224;

struct Parts {
    std::string scheme, rest;  ///< an empty scheme: none was written
};

Parts split(const std::string& text) {
    size_t end = text.find("://");
    return end == std::string::npos ? Parts{"", text} : Parts{text.substr(0, end), text.substr(end + 3)};
}

std::uint16_t portOf(const std::string& text, const std::string& option, const std::string& whole) {
    std::uint16_t port = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size() || !port) throw Error::of("invalid {} {}: \"{}\" is no port", option, whole, text);
    return port;
}

/// "host", "host:port", "[::1]:port".
LogAddress hostAndPort(Transport transport, const std::string& text, std::optional<std::uint16_t> usual, const std::string& option,
                       const std::string& whole) {
    LogAddress address;
    address.transport = transport;
    std::string rest;
    if (text.starts_with('[')) {
        size_t end = text.find(']');
        if (end == std::string::npos) throw Error::of("invalid {} {}: there is no ] after the address", option, whole);
        address.host = text.substr(1, end - 1);
        rest = text.substr(end + 1);
    } else {
        size_t end = std::min(text.find(':'), text.size());
        address.host = text.substr(0, end);
        rest = text.substr(end);
    }
    if (!rest.empty() && rest.front() != ':') throw Error::of("invalid {} {}: \"{}\" after the host", option, whole, rest);
    if (rest.empty() && !usual) throw Error::of("please provide {} as proto://host:port", option);
    address.port = rest.empty() ? *usual : portOf(rest.substr(1), option, whole);
    if (address.host.empty()) address.host = "localhost";
    return address;
}

LogAddress socketFile(Transport transport, const std::string& path, const std::string& option, const std::string& whole) {
    if (path.empty() || path.front() != '/') throw Error::of("invalid {} {}: the path of the socket is to be absolute", option, whole);
    if (path.size() > 107) throw Error::of("invalid {} {}: the path of a socket has at most 107 characters", option, whole);
    LogAddress address;
    address.transport = transport;
    address.host = path;
    return address;
}

}  // namespace

bool isStream(const LogAddress& address) { return address.transport == Transport::Tcp || address.transport == Transport::UnixStream; }

std::string textOf(const LogAddress& address) {
    switch (address.transport) {
        case Transport::UnixStream: return "unix://" + address.host;
        case Transport::UnixDatagram: return "unixgram://" + address.host;
        default: break;
    }
    bool v6 = address.host.find(':') != std::string::npos;
    return fmt::format("{}://{}{}{}:{}", address.transport == Transport::Tcp ? "tcp" : "udp", v6 ? "[" : "", address.host, v6 ? "]" : "", address.port);
}

LogAddress parseSyslogAddress(const std::string& text) {
    const std::string option = "syslog-address";
    auto [scheme, rest] = split(text);
    if (scheme == "tcp") return hostAndPort(Transport::Tcp, rest, syslogPort, option, text);
    if (scheme == "udp") return hostAndPort(Transport::Udp, rest, syslogPort, option, text);
    if (scheme == "tcp+tls") {
        throw Error::of("syslog-address {}: devc does not encrypt what it sends to a syslog server", text)
            .hint("send to a relay on this machine, by udp://localhost or unixgram:///dev/log, which forwards by TLS");
    }
    if (scheme != "unix" && scheme != "unixgram") throw Error::of("syslog-address should be in form proto://address, got {}", text);
    LogAddress address = socketFile(scheme == "unix" ? Transport::UnixStream : Transport::UnixDatagram, rest, option, text);
    struct stat about{};
    if (::stat(rest.c_str(), &about) != 0) throw SystemError("stat " + rest, errno);
    return address;
}

LogAddress parseGelfAddress(const std::string& text) {
    if (text.empty()) throw Error("gelf-address is a required parameter");
    auto [scheme, rest] = split(text);
    if (scheme.empty()) throw Error::of("gelf-address should be in form proto://address, got {}", text);
    if (scheme != "tcp" && scheme != "udp") throw Error("gelf: endpoint needs to be TCP or UDP");
    return hostAndPort(scheme == "tcp" ? Transport::Tcp : Transport::Udp, rest, {}, "gelf-address", text);
}

LogAddress parseFluentdAddress(const std::string& text) {
    const std::string option = "fluentd-address";
    auto [scheme, rest] = split(text);
    if (scheme == "unix") return socketFile(Transport::UnixStream, rest, option, text);
    if (scheme == "tls") throw Error::of("fluentd-address {}: devc does not encrypt what it sends to fluentd", text).hint("send to a fluent-bit on this machine that forwards by TLS");
    if (!scheme.empty() && scheme != "tcp") throw Error::of("invalid fluentd-address {}: {} is neither tcp nor unix", text, scheme);
    return hostAndPort(Transport::Tcp, rest, fluentdPort, option, text);
}

}  // namespace devc::engine
