#include "compose/diagnostics.h"

#include <algorithm>

#include <fmt/format.h>

#include "compose/problems.h"
#include "compose/source/utf8.h"

namespace devc::compose {
namespace {

constexpr std::size_t mostReported = 50;
constexpr std::size_t mostReportedBytes = 6'000;
constexpr std::size_t longestMessage = 1'000;
constexpr std::size_t longestSnippet = 160;

std::string textOf(const std::vector<Diagnostic>& all) {
    std::string text;
    for (const Diagnostic& diagnostic : all) {
        if (!text.empty()) text += '\n';
        text += diagnostic.text();
    }
    return text;
}

/// Text of strangers on a terminal: control characters are shown, not obeyed. Line breaks of messages stay.
std::string printable(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t length = utf8Length(text, i);
        auto byte = static_cast<unsigned char>(text[i]);
        bool control = length == 0 || (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F;
        bool second = byte == 0xC2 && length == 2 && static_cast<unsigned char>(text[i + 1]) < 0xA0;  // U+0080 to U+009F
        if (control) result += fmt::format("\\x{:02x}", byte);
        else if (second) result += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[i + 1]));
        else result += text.substr(i, length);
        i += length == 0 ? 1 : length;
    }
    return result;
}

/// What is longer than a message may be loses its middle.
std::string shortened(std::string_view text) {
    if (text.size() <= longestMessage) return printable(text);
    constexpr std::size_t half = longestMessage / 2;
    return printable(text.substr(0, half)) + " ... " + printable(text.substr(text.size() - half));
}

bool isBlank(std::string_view text) { return text.find_first_not_of(" \t") == std::string_view::npos; }

/// What is missing has its place behind what stands before it, not on an empty line or below the last one.
Position afterSomething(Position at) {
    std::string_view line = at.source->line(at.line);
    while (at.line > 1 && isBlank(line)) {
        line = at.source->line(--at.line);
        at.column = static_cast<int>(line.size()) + 1;
    }
    return at;
}

/// The line, or of a long one what stands around the column.
void showLine(Diagnostic& diagnostic, std::string_view line) {
    constexpr std::size_t before = 60;
    std::size_t column = static_cast<std::size_t>(std::max(diagnostic.column, 1)) - 1, start = 0;
    if (line.size() > longestSnippet && column > before) start = column - before;
    while (start > 0 && start < line.size() && (static_cast<unsigned char>(line[start]) & 0xC0U) == 0x80) --start;  // whole characters
    std::string_view part = line.substr(std::min(start, line.size()));
    std::size_t end = std::min(part.size(), longestSnippet);
    while (end < part.size() && end > 0 && (static_cast<unsigned char>(part[end]) & 0xC0U) == 0x80) --end;
    std::string_view left = part.substr(0, std::min(end, column - std::min(column, start)));
    constexpr std::string_view cut = "...";
    std::string ahead = (start > 0 ? std::string(cut) : std::string()) + printable(left);
    diagnostic.snippet = ahead + printable(part.substr(left.size(), end - left.size())) + std::string(end < part.size() ? cut : "");
    diagnostic.caret = static_cast<int>(ahead.size()) + 1;
}

/// Levenshtein distance with adjacent swaps, for names of a few dozen characters.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t j = 1; j <= b.size(); ++j) {
            std::size_t change = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, change});
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    }
    return cost[a.size()][b.size()];
}

}  // namespace

std::string Diagnostic::text() const {
    std::string text;
    if (!file.empty()) {
        text = file;
        if (line > 0) text += fmt::format(":{}:{}", line, column);
        text += ": ";
    }
    text += message;
    if (!snippet.empty()) {
        std::string number = std::to_string(line);
        text += fmt::format("\n  {} | {}\n  {} | ", number, snippet, std::string(number.size(), ' '));
        for (char c : snippet.substr(0, static_cast<std::size_t>(std::max(caret > 0 ? caret : column, 1)) - 1)) {
            bool begins = (static_cast<unsigned char>(c) & 0xC0U) != 0x80;  // of UTF-8 only the first byte takes a place
            if (begins) text += c == '\t' ? '\t' : ' ';
        }
        text += '^';
    }
    if (!hint.empty()) text += "\n  hint: " + hint;
    return text;
}

LoadError::LoadError(std::vector<Diagnostic> diagnostics)
    : diagnostics_(std::move(diagnostics)), text_(textOf(diagnostics_)) {}

LoadError::LoadError(std::string message, std::string hint) {
    Diagnostic diagnostic;
    diagnostic.message = shortened(message);
    diagnostic.hint = shortened(hint);
    diagnostics_.push_back(std::move(diagnostic));
    text_ = textOf(diagnostics_);
}

Diagnostic diagnose(Position at, std::string message, std::string hint) {
    Diagnostic diagnostic;
    if (at.source) {
        at = afterSomething(at);
        diagnostic.file = at.source->name;
        diagnostic.line = at.line;
        diagnostic.column = at.column;
        showLine(diagnostic, at.source->line(at.line));
    }
    diagnostic.message = shortened(message);
    diagnostic.hint = shortened(hint);
    return diagnostic;
}

void Problems::add(Position at, std::string message, std::string hint) {
    if (full_) return;
    if (found_.size() == mostReported || bytes_ > mostReportedBytes) {
        full_ = true;
        found_.push_back(diagnose({}, "more problems were found and are not shown"));
        return;
    }
    Diagnostic diagnostic = diagnose(at, std::move(message), std::move(hint));
    for (const Diagnostic& other : found_) {
        if (other.text() == diagnostic.text()) return;
    }
    bytes_ += diagnostic.text().size();
    found_.push_back(std::move(diagnostic));
}

void Problems::throwIfAny() {
    if (!found_.empty()) throw LoadError(std::move(found_));
}

std::string didYouMean(std::string_view wrong, const std::vector<std::string_view>& names) {
    constexpr std::size_t longest = 64;
    if (wrong.size() > longest || names.size() > mostNames) return {};
    std::string_view best;
    std::size_t smallest = std::max<std::size_t>(2, wrong.size() / 3) + 1;
    for (std::string_view name : names) {
        if (name.size() > longest) continue;
        std::size_t current = distance(wrong, name);
        if (current < smallest && current < name.size()) {
            smallest = current;
            best = name;
        }
    }
    return best.empty() ? std::string() : fmt::format("did you mean `{}`?", best);
}

}  // namespace devc::compose
