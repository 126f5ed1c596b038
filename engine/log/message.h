#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace devc::engine {

/// Whose messages they are: what logging drivers say of a container, settled when it starts.
struct LogSource {
    std::string id, name, imageId, imageName;
    std::string command;   ///< words of the program, apart by blanks
    std::string created;   ///< RFC 3339
    std::string host;      ///< the machine's name
    std::string tag;       ///< of the option `tag`, filled in
    std::map<std::string, std::string> attributes;  ///< labels and variables that options ask for, and labels of the option `tag` in files
    bool operator==(const LogSource&) const = default;
};

/// Lines longer than 16 KiB, and the end of an output without a newline, are parts.
struct LogPart {
    std::string id;        ///< the same for all parts of a line
    unsigned number = 1;
    bool last = false;
};

struct LogMessage {
    std::string_view text;  ///< without its newline
    bool fromStderr = false;
    std::int64_t moment = 0;  ///< nanoseconds since the epoch
    std::optional<LogPart> part;
};

/// Turns messages into what the receiver of a logging driver reads.
class LogEncoder {
public:
    virtual ~LogEncoder() = default;
    /// Datagrams, or pieces of a stream. None for a message that the driver leaves out, as an empty line.
    virtual std::vector<std::string> encode(const LogMessage&) = 0;
};

}  // namespace devc::engine
