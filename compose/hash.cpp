#include "compose/hash.h"

#include <array>

#include <fmt/format.h>
#include <openssl/sha.h>

namespace devc::compose {

std::string sha256Hex(std::string_view text) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
    std::string hex;
    for (unsigned char byte : digest) hex += fmt::format("{:02x}", byte);
    return hex;
}

}  // namespace devc::compose
