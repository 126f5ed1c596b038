#include "engine/tar_header.h"

namespace devc::engine {

namespace {
constexpr std::size_t checksumAt = 148, checksumLength = 8;
}

bool isTarHeader(std::string_view head) {
    if (head.size() < tarHeaderSize) return false;
    head = head.substr(0, tarHeaderSize);
    // The sum of the header's bytes, its own field taken as blanks.
    unsigned sum = 0, written = 0;
    for (std::size_t i = 0; i < tarHeaderSize; ++i)
        sum += i >= checksumAt && i < checksumAt + checksumLength ? ' ' : static_cast<unsigned char>(head[i]);
    bool digits = false;
    for (const char c : head.substr(checksumAt, checksumLength)) {
        if (c >= '0' && c <= '7') {
            written = written * 8 + static_cast<unsigned>(c - '0');
            digits = true;
        } else if (c != ' ' || digits) break;
    }
    return digits && sum == written;
}

}  // namespace devc::engine
