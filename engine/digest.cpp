#include "engine/digest.h"

#include <cerrno>
#include <openssl/evp.h>
#include <sys/random.h>
#include <vector>

#include "engine/error.h"

namespace devc::engine {

namespace {
std::string hex(const unsigned char* bytes, unsigned count) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(count * 2);
    for (unsigned i = 0; i < count; ++i) {
        text += digits[bytes[i] >> 4];
        text += digits[bytes[i] & 15];
    }
    return text;
}
}  // namespace

struct Sha256::Context {
    EVP_MD_CTX* state = EVP_MD_CTX_new();
    ~Context() { EVP_MD_CTX_free(state); }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
    if (EVP_DigestInit_ex(context_->state, EVP_sha256(), nullptr) != 1) throw Error("SHA-256 is not available in libcrypto");
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::string_view data) { EVP_DigestUpdate(context_->state, data.data(), data.size()); }

std::string Sha256::finish() {
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned count = 0;
    EVP_DigestFinal_ex(context_->state, bytes, &count);
    return hex(bytes, count);
}

std::string sha256Hex(std::string_view data) {
    Sha256 sum;
    sum.update(data);
    return sum.finish();
}

std::string digestOf(std::string_view data) { return "sha256:" + sha256Hex(data); }

std::string randomHex(unsigned bytes) {
    std::vector<unsigned char> buffer(bytes);
    if (::getrandom(buffer.data(), buffer.size(), 0) != static_cast<ssize_t>(buffer.size()))
        throw SystemError("getrandom", errno);
    return hex(buffer.data(), bytes);
}

}  // namespace devc::engine
