#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace devc::engine {

/// An IPv4 or IPv6 address. A value.
class IpAddress {
public:
    IpAddress() = default;
    static std::optional<IpAddress> parse(std::string_view text);
    static IpAddress v4(std::uint32_t number);  ///< host byte order
    /// From 4 or 16 bytes in network order.
    static IpAddress fromBytes(const void* bytes, bool isV6);

    bool isV6() const { return v6_; }
    const std::uint8_t* bytes() const { return bytes_.data(); }
    unsigned size() const { return v6_ ? 16 : 4; }
    unsigned bits() const { return size() * 8; }
    std::string text() const;
    /// This address and `offset` more; wraps within the last 64 bits.
    IpAddress plus(std::uint64_t offset) const;
    /// How far this lies behind `start`, at most 2^64-1; for addresses of one network.
    std::uint64_t minus(const IpAddress& start) const;
    bool isAny() const;
    bool isLoopback() const;
    bool isMulticast() const;

    // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes the 0 that the result is compared with for a pointer
    auto operator<=>(const IpAddress&) const = default;

private:
    bool v6_ = false;
    std::array<std::uint8_t, 16> bytes_{};  ///< network order; IPv4 in the first four
};

/// A network in CIDR notation; bits behind the prefix are zero.
struct Cidr {
    IpAddress address;
    unsigned prefix = 0;

    /// "10.1.0.0/16"; bits behind the prefix are cleared. Without a prefix: nullopt.
    static std::optional<Cidr> parse(std::string_view text);
    static Cidr of(const IpAddress& address, unsigned prefix);

    std::string text() const;
    bool contains(const IpAddress&) const;
    bool overlaps(const Cidr&) const;
    IpAddress last() const;  ///< the highest address: IPv4's broadcast address
    auto operator<=>(const Cidr&) const = default;
};

}  // namespace devc::engine
