#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace devc::compose {

/// Base64 as YAML's !!binary has it (RFC 4648, with padding).
std::string toBase64(std::string_view bytes);
/// White space between the characters is allowed; nothing if it is not base64.
std::optional<std::string> fromBase64(std::string_view text);

}  // namespace devc::compose
