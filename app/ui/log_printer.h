#pragma once
#include <cstdio>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "app/ui/color.h"

namespace devc::app {

/// Lines of several containers on one output, as Docker Compose prints them: `web-1  | text`, names padded to the longest
/// that is registered, a colour each. Safe to use from several threads: lines are written whole, never mixed.
class LogPrinter {
public:
    struct Options {
        bool prefix = true, color = false, timestamps = false;
        std::FILE* out = stdout;
        std::FILE* err = nullptr;  ///< where lines of stderr go; nullptr: out
    };
    explicit LogPrinter(Options options);
    /// Prints what is left of unfinished lines.
    ~LogPrinter();

    /// Makes room for the name in the width and gives it its colour; order decides the colour.
    void add(const std::string& name);
    /// Text as it comes, whole lines or not: what follows the last newline waits for more. Prefix per line.
    /// `time` (RFC 3339) is printed when timestamps are on. What is written may wait for flush().
    void write(const std::string& name, std::string_view text, bool isStderr = false, std::string_view time = {});
    /// Everything that was written reaches the reader of the output.
    void flush();
    /// The unfinished line of `name`, with a newline: at its end.
    void finish(const std::string& name);
    /// A line about the container, not from it: "web-1 exited with code 0".
    void status(const std::string& name, std::string_view message);
    /// Text of nobody, ending with a newline.
    void say(std::string_view text);
    /// A line that stays below all others on a terminal, shown at once; empty: none any more.
    void footer(std::string text);
    /// False once the reader of the output has gone (EPIPE): nothing more needs to be written.
    bool alive() const { return alive_; }

private:
    struct Source {
        std::string code, prefix, partialOut, partialErr, partialTime;
    };
    Source& source(const std::string& name);
    void layout();
    void line(Source& source, std::string_view text, bool isStderr, std::string_view time);
    void finishLines(Source& source);
    void flushFiles();
    void hideFooter();

    Options options_;
    std::mutex mutex_;
    NameColors colors_;
    std::map<std::string, Source> sources_;
    std::size_t width_ = 0;
    std::string footer_;
    bool footerShown_ = false;
    std::FILE* last_ = nullptr;  ///< where the last line went
    bool alive_ = true;
};

}  // namespace devc::app
