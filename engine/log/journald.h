#pragma once
#include "engine/log/message.h"

namespace devc::engine {

/// Where journald takes entries in its native form.
inline constexpr const char* journaldSocket = "/run/systemd/journal/socket";

/// Journald's native protocol: a field a line, one with newlines by its length.
std::unique_ptr<LogEncoder> journaldEncoder(const LogSource&);

/// A key as journald takes it: capitals, digits and underscores, not beginning with one.
std::string journaldField(std::string_view key);

}  // namespace devc::engine
