#include "engine/build/archive.h"

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "engine/error.h"
#include "engine/image/transfer_process.h"

namespace devc::engine::build {

namespace {

constexpr std::size_t checksumAt = 148, checksumLength = 8, headerSize = 512;

/// The checksum of a tar header: the sum of its bytes, its own field taken as blanks.
bool isTarHeader(std::string_view header) {
    if (header.size() < headerSize) return false;
    unsigned sum = 0, written = 0;
    for (std::size_t i = 0; i < headerSize; ++i)
        sum += i >= checksumAt && i < checksumAt + checksumLength ? ' ' : static_cast<unsigned char>(header[i]);
    bool digits = false;
    for (const char c : header.substr(checksumAt, checksumLength)) {
        if (c >= '0' && c <= '7') {
            written = written * 8 + static_cast<unsigned>(c - '0');
            digits = true;
        } else if (c != ' ' || digits) break;
    }
    return digits && sum == written;
}

}  // namespace

bool mayBeArchive(int file) {
    char buffer[headerSize];
    const ssize_t count = pread(file, buffer, sizeof buffer, 0);
    const std::string_view head(buffer, count > 0 ? static_cast<std::size_t>(count) : 0);
    using namespace std::string_view_literals;
    for (const std::string_view magic : {"\x1f\x8b"sv, "BZh"sv, "\xfd\x37zXZ\0"sv, "\x28\xb5\x2f\xfd"sv})
        if (head.starts_with(magic)) return true;
    return isTarHeader(head);
}

bool extractArchive(const Host& host, int file, int folder, std::optional<Owner> owner) {
    // The folder is in a mount that only this process sees: the helper reaches it through our descriptor.
    nlohmann::json request = {{"folder", fmt::format("/proc/{}/fd/{}", getpid(), folder)}};
    if (owner) request.update({{"user", owner->user}, {"group", owner->group}});
    if (lseek(file, 0, SEEK_SET) < 0) throw SystemError("rewind the archive", errno);
    return transfer(host, "extract", std::move(request), {.input = file}).value("archive", false);
}

}  // namespace devc::engine::build
