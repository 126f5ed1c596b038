#include "engine/launch/failure.h"

#include <algorithm>
#include <charconv>

namespace devc::engine {

std::string encodeFailure(const Error& error) {
    std::string text = fmt::format("F{} {}", error.exitStatus() == 1 ? 125 : error.exitStatus(), error.what());
    for (const std::string& detail : error.details()) text += "\nD" + detail;
    for (const std::string& hint : error.hints()) text += "\nH" + hint;
    return text;
}

Error decodeFailure(const std::string& message) {
    int status = 125;
    size_t space = std::min(message.find(' '), message.size());
    std::from_chars(message.data() + std::min<size_t>(1, space), message.data() + space, status);
    std::string sentence = message.substr(std::min(space + 1, message.size()));
    size_t line = sentence.find('\n');
    Error error(sentence.substr(0, line), status);
    while (line != std::string::npos) {
        size_t next = sentence.find('\n', line + 1);
        const std::string text = sentence.substr(line + 1, next == std::string::npos ? next : next - line - 1);
        if (text.starts_with('H')) error.hint(text.substr(1));
        else error.detail(text.starts_with('D') ? text.substr(1) : text);  // a detail may have several lines
        line = next;
    }
    return error;
}

}  // namespace devc::engine
