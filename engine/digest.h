#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace devc::engine {

/// SHA-256 as 64 lower-case hexadecimal digits, fed in pieces.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    void update(std::string_view data);
    /// The digits; the object must not be used afterwards.
    std::string finish();

private:
    struct Context;
    std::unique_ptr<Context> context_;
};

std::string sha256Hex(std::string_view data);
/// "sha256:" and the digits: an OCI digest.
std::string digestOf(std::string_view data);
/// `bytes` random bytes as hexadecimal digits: container and network ids are randomHex(32).
std::string randomHex(unsigned bytes);

}  // namespace devc::engine
