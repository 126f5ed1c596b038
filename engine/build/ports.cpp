#include "engine/build/ports.h"

#include <charconv>

#include "engine/build/instruction_words.h"
#include "engine/error.h"

namespace devc::engine::build {

namespace {
unsigned portNumber(std::string_view text, std::string_view whole) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || end != text.data() + text.size() || number > 65535)
        throw Error::of("invalid containerPort: {}", whole);
    return number;
}
}  // namespace

std::vector<std::string> exposedPorts(std::string_view text) {
    std::string_view range = text, protocol = "tcp";
    if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
        range = text.substr(0, slash);
        protocol = text.substr(slash + 1);
    }
    // As in `run -p` a host part may stand before it; it says nothing about the image.
    if (const std::size_t colon = range.rfind(':'); colon != std::string_view::npos) range = range.substr(colon + 1);
    const std::string name = protocol.empty() ? "tcp" : lowerCase(protocol);
    if (name != "tcp" && name != "udp" && name != "sctp") throw Error::of("invalid proto: {}", protocol);
    const std::size_t dash = range.find('-');
    const unsigned first = portNumber(range.substr(0, dash), range);
    const unsigned last = dash == std::string_view::npos ? first : portNumber(range.substr(dash + 1), range);
    if (last < first) throw Error::of("invalid range specified for port: {}", range);
    std::vector<std::string> ports;
    for (unsigned port = first; port <= last; ++port) ports.push_back(fmt::format("{}/{}", port, name));
    return ports;
}

}  // namespace devc::engine::build
