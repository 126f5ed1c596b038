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
    for (auto& [name, source] : sources_) finishLines(source);
    flushFiles();
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
    hideFooter();
    // A carriage return before the newline (a tty's) would put the cursor over the prefix.
    if (!text.empty() && text.back() == '\r' && options_.prefix) text.remove_suffix(1);
    std::FILE* file = isStderr ? options_.err : options_.out;
    // Lines of several outputs go out in the order in which they came.
    if (file != last_ && last_ != nullptr) std::fflush(last_);
    last_ = file;
    const auto put = [&](std::string_view piece) { return std::fwrite(piece.data(), 1, piece.size(), file) == piece.size(); };
    alive_ = put(source.prefix);
    if (options_.timestamps && !time.empty()) alive_ = alive_ && put(time) && put(" ");
    alive_ = alive_ && put(text) && put("\n");
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
}

void LogPrinter::flush() {
    const std::lock_guard guard(mutex_);
    flushFiles();
}

void LogPrinter::flushFiles() {
    if (!footer_.empty() && !footerShown_) {
        if (options_.err != options_.out && std::fflush(options_.err) != 0) alive_ = false;
        std::fwrite(footer_.data(), 1, footer_.size(), options_.out);
        footerShown_ = true;
    }
    for (std::FILE* file : {options_.out, options_.err})
        if (std::fflush(file) != 0) alive_ = false;
}

void LogPrinter::hideFooter() {
    if (!footerShown_) return;
    std::fputs("\r\x1b[K", options_.out);
    footerShown_ = false;
}

void LogPrinter::say(std::string_view text) {
    const std::lock_guard guard(mutex_);
    hideFooter();
    if (std::fwrite(text.data(), 1, text.size(), options_.out) != text.size()) alive_ = false;
    flushFiles();
}

void LogPrinter::footer(std::string text) {
    const std::lock_guard guard(mutex_);
    hideFooter();
    footer_ = std::move(text);
    flushFiles();
}

void LogPrinter::finishLines(Source& from) {
    for (const bool isStderr : {false, true}) {
        std::string& partial = isStderr ? from.partialErr : from.partialOut;
        if (!partial.empty()) line(from, partial, isStderr, from.partialTime);
        partial.clear();
    }
}

void LogPrinter::finish(const std::string& name) {
    const std::lock_guard guard(mutex_);
    if (const auto found = sources_.find(name); found != sources_.end()) finishLines(found->second);
    flushFiles();
}

void LogPrinter::status(const std::string& name, std::string_view message) {
    const std::lock_guard guard(mutex_);
    Source& from = source(name);
    finishLines(from);
    hideFooter();
    const std::string text = fmt::format("{} {}", escapeControls(name), message);
    const std::string out = (options_.color ? "\r\x1b[K" + paint(from.code, text) : text) + "\n";
    std::fwrite(out.data(), 1, out.size(), options_.out);
    flushFiles();
}

}  // namespace devc::app
