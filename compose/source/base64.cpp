#include "compose/source/base64.h"

#include <openssl/evp.h>

namespace devc::compose {
namespace {

const unsigned char* bytesOf(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytesOf(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace

std::string toBase64(std::string_view bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    int length = EVP_EncodeBlock(bytesOf(text), bytesOf(bytes), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(length));
    return text;
}

std::optional<std::string> fromBase64(std::string_view text) {
    std::string dense;
    for (char c : text) {
        if (c != ' ' && c != '\n' && c != '\t' && c != '\r') dense += c;
    }
    std::string bytes(dense.size() / 4 * 3, '\0');
    int length = EVP_DecodeBlock(bytesOf(bytes), bytesOf(dense), static_cast<int>(dense.size()));
    if (dense.size() % 4 != 0 || length < 0) return std::nullopt;
    std::size_t padding = dense.ends_with("==") ? 2 : dense.ends_with("=") ? 1 : 0;
    bytes.resize(static_cast<std::size_t>(length) - padding);
    return bytes;
}

}  // namespace devc::compose
