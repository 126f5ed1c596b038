#include <nlohmann/json.hpp>

#include "engine/log/reader.h"

namespace devc::engine {

namespace {

bool take(std::string_view& rest, std::string_view word) {
    if (!rest.starts_with(word)) return false;
    rest.remove_prefix(word.size());
    return true;
}

/// The inside of a JSON string without escapes, and what follows its closing quote.
std::optional<std::string_view> plainString(std::string_view& rest) {
    size_t end = rest.find_first_of("\"\\");
    if (end == std::string_view::npos || rest[end] == '\\') return {};
    std::string_view text = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return text;
}

/// A string whose escapes are the short ones: nearly every line has its newline as the only one.
std::optional<std::string_view> simpleString(std::string_view& rest, std::string& storage) {
    storage.clear();
    for (;;) {
        size_t end = rest.find_first_of("\"\\");
        if (end == std::string_view::npos) return {};
        storage.append(rest.substr(0, end));
        if (rest[end] == '"') {
            rest.remove_prefix(end + 1);
            return storage;
        }
        if (end + 1 >= rest.size()) return {};
        switch (rest[end + 1]) {
            case 'n': storage += '\n'; break;
            case 't': storage += '\t'; break;
            case 'r': storage += '\r'; break;
            case 'b': storage += '\b'; break;
            case 'f': storage += '\f'; break;
            case '"': storage += '"'; break;
            case '\\': storage += '\\'; break;
            case '/': storage += '/'; break;
            default: return {};  // \uXXXX: left to the general parser
        }
        rest.remove_prefix(end + 2);
    }
}

/// The form in which devc's monitor and docker write; a million lines go this way.
std::optional<LogEntry> decodeCommonForm(std::string_view line, std::string& storage) {
    if (!take(line, "{\"log\":\"")) return {};
    auto text = simpleString(line, storage);
    if (!text || !take(line, ",\"stream\":\"")) return {};
    auto stream = plainString(line);
    if (!stream || !take(line, ",\"time\":\"")) return {};
    auto time = plainString(line);
    if (!time || line != "}") return {};
    return LogEntry{*time, *stream == "stderr", *text};
}

}  // namespace

std::optional<LogEntry> decodeLogEntry(std::string_view line, std::string& storage) {
    if (auto entry = decodeCommonForm(line, storage)) return entry;
    nlohmann::json json = nlohmann::json::parse(line, nullptr, false);
    if (!json.is_object()) return {};
    auto text = [&](const char* key) {
        auto found = json.find(key);
        return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    std::string time = text("time");
    bool fromStderr = text("stream") == "stderr";
    storage = text("log");
    size_t size = storage.size();
    storage += time;
    std::string_view both = storage;
    return LogEntry{both.substr(size), fromStderr, both.substr(0, size)};
}

}  // namespace devc::engine
