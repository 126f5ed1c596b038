#include "engine/monitor/log_writer.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/log/gzip.h"
#include "engine/timestamp.h"

namespace devc::engine {

namespace {

constexpr size_t writtenAtOnce = 65536;  ///< of short lines the entries are many times as large as what was read

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

}  // namespace

LogWriter::LogWriter(const LogFileSettings& settings, const std::map<std::string, std::string>& attributes, std::string path)
    : path_(std::move(path)), maximumSize_(settings.maximumSize), maximumFiles_(settings.maximumFiles), compress_(settings.compress) {
    if (settings.attributes && !attributes.empty()) {
        attributes_ = "\"attrs\":{";
        for (const auto& [key, value] : attributes) {
            attributes_ += attributes_.back() == '{' ? "\"" : ",\"";
            escape(attributes_, key);
            attributes_ += "\":\"";
            escape(attributes_, value);
            attributes_ += '"';
        }
        attributes_ += "},";
    }
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
    out += stream ? "\",\"stream\":\"stderr\"," : "\",\"stream\":\"stdout\",";
    out += attributes_;
    out += "\"time\":\"";
    out += time;
    out += "\"}\n";
}

void LogWriter::write(int stream, std::string_view data, std::int64_t moment) {
    std::string time = formatMoment(moment), entries;
    entries.reserve(std::min(2 * data.size(), writtenAtOnce + writtenAtOnce / 2));
    lines_[stream].feed(data, [&](std::string_view line) {
        append(entries, stream, line, time);
        if (entries.size() < writtenAtOnce) return;
        put(entries);
        entries.clear();
    });
    if (!entries.empty()) put(entries);
}

void LogWriter::finish(int stream, std::int64_t moment) {
    lines_[stream].end([&](std::string_view rest) {
        std::string entry;
        append(entry, stream, rest, formatMoment(moment));
        put(entry);
    });
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
        if (number > 1) ::rename((newer + ".gz").c_str(), (older + ".gz").c_str());
    }
    if (maximumFiles_ == 1) ::unlink(path_.c_str());
    try {
        open();
    } catch (const SystemError&) {
        // The old file takes what comes until a new one can be made.
        size_ = 0;
    }
    if (!compress_ || maximumFiles_ == 1) return;
    try {
        compressLog(path_ + ".1", path_ + ".1.gz");
    } catch (const Error&) {
        // It is read as it is.
    }
}

}  // namespace devc::engine
