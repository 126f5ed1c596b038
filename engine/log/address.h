#pragma once
#include <cstdint>
#include <string>

namespace devc::engine {

/// Where a logging driver's receiver is.
struct LogAddress {
    enum class Transport { Tcp, Udp, UnixStream, UnixDatagram } transport = Transport::Tcp;
    std::string host;  ///< a name or an address; for sockets of the file system their path
    std::uint16_t port = 0;
    bool operator==(const LogAddress&) const = default;
};

bool isStream(const LogAddress&);
/// "tcp://host:514", "unix:///dev/log".
std::string textOf(const LogAddress&);

/// What the options hold. Throw Error, in docker's words where docker refuses it too.
LogAddress parseSyslogAddress(const std::string& text);   ///< tcp, udp, unix, unixgram; port 514 without one; the socket must exist
LogAddress parseGelfAddress(const std::string& text);     ///< tcp, udp, with a port
LogAddress parseFluentdAddress(const std::string& text);  ///< host, host:port, tcp://host:port, unix://path; port 24224

}  // namespace devc::engine
