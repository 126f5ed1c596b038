#include "engine/monitor/log_writer.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/timestamp.h"

namespace devc::engine {

namespace {

constexpr size_t maximumLine = 16384;
constexpr std::uint64_t defaultMaximumSize = 100'000'000;
constexpr unsigned defaultMaximumFiles = 5;

std::uint64_t parseSize(const std::string& text) {
    std::uint64_t number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
    if (text == "-1") return ~std::uint64_t{0};
    std::uint64_t factor = unit.empty() || unit == "b" || unit == "B" ? 1 : 0;
    if (unit == "k" || unit == "K" || unit == "kb" || unit == "KB") factor = 1000;
    if (unit == "m" || unit == "M" || unit == "mb" || unit == "MB") factor = 1'000'000;
    if (unit == "g" || unit == "G" || unit == "gb" || unit == "GB") factor = 1'000'000'000;
    if (error != std::errc{} || !factor || !number) throw Error::of("log option max-size={} is no size", text).hint("write it as 10m");
    return number * factor;
}

unsigned parseCount(const std::string& text) {
    unsigned number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || !number) throw Error::of("log option max-file={} is no number", text);
    return number;
}

/// Bytes that stand for themselves in a JSON string.
constexpr auto isPlain = [] {
    std::array<bool, 256> plain{};
    for (unsigned byte = 0x20; byte < 0x80; ++byte) plain[byte] = byte != '"' && byte != '\\';
    return plain;
}();

/// Length of the UTF-8 sequence at the start of `text`; 0: none (RFC 3629, without surrogates and overlong forms).
size_t sequenceLength(std::string_view text) {
    auto byte = [&](size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U; };
    auto continues = [&](size_t at) { return (byte(at) & 0xC0) == 0x80; };
    unsigned first = byte(0), second = byte(1);
    if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        bool fits = continues(1) && continues(2) && !(first == 0xE0 && second < 0xA0) && !(first == 0xED && second > 0x9F);
        return fits ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        bool fits = continues(1) && continues(2) && continues(3) && !(first == 0xF0 && second < 0x90) && !(first == 0xF4 && second > 0x8F);
        return fits ? 4 : 0;
    }
    return 0;
}

void escape(std::string& out, std::string_view text) {
    for (size_t at = 0; at < text.size();) {
        size_t begin = at;
        while (at < text.size() && isPlain[static_cast<unsigned char>(text[at])]) ++at;
        out.append(text, begin, at - begin);
        if (at == text.size()) return;
        unsigned char byte = static_cast<unsigned char>(text[at]);
        if (byte >= 0x80) {
            size_t length = sequenceLength(text.substr(at));
            if (length) out.append(text, at, length);
            else out += "\\ufffd";
            at += length ? length : 1;
            continue;
        }
        switch (byte) {
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\t': out += "\\t"; break;
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            default: {
                constexpr char digits[] = "0123456789abcdef";
                out += "\\u00";
                out += digits[byte >> 4];
                out += digits[byte & 15];
            }
        }
        ++at;
    }
}

/// Where a line that is too long is cut: not inside a character.
size_t cutOf(std::string_view line) {
    size_t cut = maximumLine;
    for (int back = 0; back < 3 && (static_cast<unsigned char>(line[cut]) & 0xC0) == 0x80; ++back) --cut;
    return cut;
}

}  // namespace

LogWriter::LogWriter(const std::string& driver, const std::map<std::string, std::string>& options, std::string path)
    : path_(std::move(path)), maximumSize_(defaultMaximumSize), maximumFiles_(defaultMaximumFiles) {
    if (driver == "none") {
        active_ = false;
        return;
    }
    if (!driver.empty() && driver != "json-file" && driver != "local")
        throw Error::of("unknown log driver {}", driver).hint("json-file, local and none are there");
    if (auto option = options.find("max-size"); option != options.end()) {
        maximumSize_ = parseSize(option->second);
        maximumFiles_ = 1;
    }
    if (auto option = options.find("max-file"); option != options.end()) maximumFiles_ = parseCount(option->second);
    open();
}

void LogWriter::open() {
    file_ = openFile(path_, O_WRONLY | O_CREAT | O_APPEND, 0640);
    struct stat about{};
    size_ = ::fstat(file_.get(), &about) == 0 ? static_cast<std::uint64_t>(about.st_size) : 0;
}

void LogWriter::append(std::string& out, int stream, std::string_view text, std::string_view time) const {
    out += "{\"log\":\"";
    escape(out, text);
    out += stream ? "\",\"stream\":\"stderr\",\"time\":\"" : "\",\"stream\":\"stdout\",\"time\":\"";
    out += time;
    out += "\"}\n";
}

void LogWriter::write(int stream, std::string_view data, std::int64_t moment) {
    if (!active_) return;
    std::string time = formatMoment(moment), entries;
    entries.reserve(data.size() + data.size() / 2);
    std::string& partial = partial_[stream];
    while (!data.empty()) {
        size_t newline = data.find('\n');
        std::string_view line = data.substr(0, newline == std::string_view::npos ? newline : newline + 1);
        data.remove_prefix(line.size());
        if (!partial.empty() || (newline == std::string_view::npos && line.size() <= maximumLine)) {
            partial += line;
            line = partial;
            if (newline == std::string_view::npos && line.size() <= maximumLine) break;
        }
        while (line.size() > maximumLine) {
            size_t cut = cutOf(line);
            append(entries, stream, line.substr(0, cut), time);
            line.remove_prefix(cut);
        }
        if (newline != std::string_view::npos) {
            append(entries, stream, line, time);
            partial.clear();
        } else {
            partial = std::string(line);
        }
    }
    if (!entries.empty()) put(entries);
}

void LogWriter::finish(int stream, std::int64_t moment) {
    if (!active_ || partial_[stream].empty()) return;
    std::string entry;
    append(entry, stream, partial_[stream], formatMoment(moment));
    partial_[stream].clear();
    put(entry);
}

void LogWriter::put(const std::string& entries) {
    if (size_ && size_ + entries.size() > maximumSize_) rotate();
    std::string_view rest = entries;
    while (!rest.empty()) {
        ssize_t written = ::write(file_.get(), rest.data(), rest.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) break;
        rest.remove_prefix(static_cast<size_t>(written));
        size_ += static_cast<std::uint64_t>(written);
    }
    // A torn entry at the end of a full disk would swallow the next one too.
    if (!rest.empty() && rest.size() != entries.size()) (void)!::write(file_.get(), "\n", 1);
}

void LogWriter::rotate() {
    for (unsigned number = maximumFiles_ - 1; number > 0; --number) {
        std::string older = path_ + "." + std::to_string(number);
        std::string newer = number == 1 ? path_ : path_ + "." + std::to_string(number - 1);
        ::rename(newer.c_str(), older.c_str());
    }
    if (maximumFiles_ == 1) ::unlink(path_.c_str());
    try {
        open();
    } catch (const SystemError&) {
        // The old file takes what comes until a new one can be made.
        size_ = 0;
    }
}

}  // namespace devc::engine
