#pragma once
#include <string>
#include <string_view>

namespace devc::engine {

/// Puts together to lines what one output brings in pieces. Lines longer than 16 KiB are cut, not inside a character.
class LineSplitter {
public:
    /// Calls `take` with each line that is complete, its newline included, and with the full parts of longer ones.
    template <typename Take>
    void feed(std::string_view data, const Take& take) {
        while (!data.empty()) {
            size_t newline = data.find('\n');
            bool complete = newline != std::string_view::npos;
            std::string_view line = data.substr(0, complete ? newline + 1 : newline);
            data.remove_prefix(line.size());
            if (!rest_.empty() || (!complete && line.size() <= maximumLine)) {
                rest_ += line;
                line = rest_;
                if (!complete && line.size() <= maximumLine) break;
            }
            while (line.size() > maximumLine) {
                size_t cut = cutOf(line);
                take(line.substr(0, cut));
                line.remove_prefix(cut);
            }
            if (complete) {
                take(line);
                rest_.clear();
            } else {
                rest_ = std::string(line);
            }
        }
    }

    /// The output has ended: what is left of a line without an end.
    template <typename Take>
    void end(const Take& take) {
        if (rest_.empty()) return;
        take(std::string_view(rest_));
        rest_.clear();
    }

private:
    static constexpr size_t maximumLine = 16384;

    static size_t cutOf(std::string_view line) {
        size_t cut = maximumLine;
        for (int back = 0; back < 3 && (static_cast<unsigned char>(line[cut]) & 0xC0) == 0x80; ++back) --cut;
        return cut;
    }

    std::string rest_;
};

}  // namespace devc::engine
