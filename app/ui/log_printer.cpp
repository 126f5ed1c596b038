#include "app/ui/log_printer.h"

#include <algorithm>

#include <fmt/format.h>

#include "app/ui/table.h"

namespace devc::app {

LogPrinter::LogPrinter(Options options) : options_(options) {
    if (options_.err == nullptr) options_.err = options_.out;
}

LogPrinter::~LogPrinter() {
    const std::lock_guard guard(mutex_);
    for (auto& [name, source] : sources_) flush(source);
}

void LogPrinter::add(const std::string& name) {
    const std::lock_guard guard(mutex_);
    source(name);
}

LogPrinter::Source& LogPrinter::source(const std::string& name) {
    const auto [found, isNew] = sources_.try_emplace(name);
    if (isNew) {
        found->second.code = colors_.codeOf(name);
        layout();
    }
    return found->second;
}

void LogPrinter::layout() {
    for (const auto& [name, source] : sources_) width_ = std::max(width_, displayWidth(escapeControls(name)) + 1);
    for (auto& [name, source] : sources_) {
        std::string text = escapeControls(name);
        text.append(width_ - displayWidth(text), ' ');
        text += " | ";
        source.prefix = !options_.prefix ? "" : options_.color ? paint(source.code, text) : text;
    }
}

void LogPrinter::line(Source& source, std::string_view text, bool isStderr, std::string_view time) {
    if (!alive_) return;
    std::string out = source.prefix;
    if (options_.timestamps && !time.empty()) out.append(time).append(" ");
    out.append(text);
    // A carriage return before the newline (a tty's) would put the cursor over the prefix.
    if (!out.empty() && out.back() == '\r' && options_.prefix) out.pop_back();
    out += '\n';
    std::FILE* file = isStderr ? options_.err : options_.out;
    alive_ = std::fwrite(out.data(), 1, out.size(), file) == out.size();
}

void LogPrinter::write(const std::string& name, std::string_view text, bool isStderr, std::string_view time) {
    const std::lock_guard guard(mutex_);
    Source& from = source(name);
    std::string& partial = isStderr ? from.partialErr : from.partialOut;
    while (!text.empty()) {
        const std::size_t newline = text.find('\n');
        if (partial.empty() && newline != std::string_view::npos) {
            line(from, text.substr(0, newline), isStderr, time);
        } else {
            if (partial.empty()) from.partialTime = time;
            partial.append(text.substr(0, newline));
            // A line without end must not fill the memory.
            constexpr std::size_t longest = 1U << 20U;
            if (newline != std::string_view::npos || partial.size() > longest) {
                line(from, partial, isStderr, from.partialTime);
                partial.clear();
            }
        }
        text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
    }
    if (std::fflush(isStderr ? options_.err : options_.out) != 0) alive_ = false;
}

void LogPrinter::flush(Source& from) {
    for (const bool isStderr : {false, true}) {
        std::string& partial = isStderr ? from.partialErr : from.partialOut;
        if (!partial.empty()) line(from, partial, isStderr, from.partialTime);
        partial.clear();
    }
    std::fflush(options_.out);
}

void LogPrinter::finish(const std::string& name) {
    const std::lock_guard guard(mutex_);
    if (const auto found = sources_.find(name); found != sources_.end()) flush(found->second);
}

void LogPrinter::status(const std::string& name, std::string_view message) {
    const std::lock_guard guard(mutex_);
    Source& from = source(name);
    flush(from);
    const std::string text = fmt::format("{} {}", escapeControls(name), message);
    const std::string out = (options_.color ? "\r\x1b[K" + paint(from.code, text) : text) + "\n";
    std::fwrite(out.data(), 1, out.size(), options_.out);
    std::fflush(options_.out);
}

}  // namespace devc::app
