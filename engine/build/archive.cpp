#include "engine/build/archive.h"

#include <string_view>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "engine/error.h"
#include "engine/image/transfer_process.h"
#include "engine/tar_header.h"

namespace devc::engine::build {

bool mayBeArchive(int file) {
    char buffer[tarHeaderSize];
    const ssize_t count = pread(file, buffer, sizeof buffer, 0);
    const std::string_view head(buffer, count > 0 ? static_cast<std::size_t>(count) : 0);
    using namespace std::string_view_literals;
    for (const std::string_view magic : {"\x1f\x8b"sv, "BZh"sv, "\xfd\x37zXZ\0"sv, "\x28\xb5\x2f\xfd"sv})
        if (head.starts_with(magic)) return true;
    return isTarHeader(head);
}

bool extractArchive(const Host& host, int file, int folder, std::optional<Owner> owner) {
    nlohmann::json request = {{"owner", nullptr}, {"devices", true}, {"specialModes", true}, {"probe", true}};
    if (owner) request["owner"] = {owner->user, owner->group};
    if (lseek(file, 0, SEEK_SET) < 0) throw SystemError("rewind the archive", errno);
    return transfer(host, "extract", std::move(request), {.input = file, .output = folder}).at("archive");
}

}  // namespace devc::engine::build
