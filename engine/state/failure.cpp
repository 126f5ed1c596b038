#include "engine/state/failure.h"

#include <cstring>

#include <fmt/format.h>
#include <sqlite3.h>

namespace devc::engine {

std::string failureOf(sqlite3* handle) {
    const int code = sqlite3_errcode(handle) & 0xff;
    if (code == SQLITE_FULL) return std::strerror(ENOSPC);
    const bool isSystems = code == SQLITE_IOERR || code == SQLITE_CANTOPEN || code == SQLITE_READONLY;
    const int number = sqlite3_system_errno(handle);
    const std::string reason = sqlite3_errmsg(handle);
    return isSystems && number != 0 ? fmt::format("{} ({})", reason, std::strerror(number)) : reason;
}

}  // namespace devc::engine
