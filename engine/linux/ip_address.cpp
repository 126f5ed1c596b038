#include "engine/linux/ip_address.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstring>

#include <fmt/core.h>

namespace devc::engine {

namespace {

/// The last eight (IPv6) or four bytes as a number.
std::uint64_t lowBits(const IpAddress& address) {
    std::uint64_t number = 0;
    unsigned width = address.isV6() ? 8 : 4;
    for (unsigned at = address.size() - width; at < address.size(); ++at) number = number << 8 | address.bytes()[at];
    return number;
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    char copy[INET6_ADDRSTRLEN + 1];
    if (text.empty() || text.size() >= sizeof copy) return {};
    std::memcpy(copy, text.data(), text.size());
    copy[text.size()] = '\0';
    IpAddress address;
    address.v6_ = text.find(':') != std::string_view::npos;
    if (inet_pton(address.v6_ ? AF_INET6 : AF_INET, copy, address.bytes_.data()) != 1) return {};
    return address;
}

IpAddress IpAddress::v4(std::uint32_t number) {
    std::uint32_t ordered = htonl(number);
    return fromBytes(&ordered, false);
}

IpAddress IpAddress::fromBytes(const void* bytes, bool isV6) {
    IpAddress address;
    address.v6_ = isV6;
    std::memcpy(address.bytes_.data(), bytes, address.size());
    return address;
}

std::string IpAddress::text() const {
    char text[INET6_ADDRSTRLEN];
    inet_ntop(v6_ ? AF_INET6 : AF_INET, bytes_.data(), text, sizeof text);
    return text;
}

IpAddress IpAddress::plus(std::uint64_t offset) const {
    std::uint64_t number = lowBits(*this) + offset;
    IpAddress result = *this;
    unsigned width = v6_ ? 8 : 4;
    for (unsigned at = 0; at < width; ++at) result.bytes_[size() - 1 - at] = static_cast<std::uint8_t>(number >> (8 * at));
    return result;
}

std::uint64_t IpAddress::minus(const IpAddress& start) const { return lowBits(*this) - lowBits(start); }

bool IpAddress::isAny() const {
    return std::all_of(bytes_.begin(), bytes_.end(), [](std::uint8_t byte) { return byte == 0; });
}

bool IpAddress::isLoopback() const { return v6_ ? *this == *parse("::1") : bytes_[0] == 127; }
bool IpAddress::isMulticast() const { return v6_ ? bytes_[0] == 0xff : (bytes_[0] & 0xf0) == 0xe0; }

std::optional<Cidr> Cidr::parse(std::string_view text) {
    std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return {};
    auto address = IpAddress::parse(text.substr(0, slash));
    std::string_view digits = text.substr(slash + 1);
    unsigned prefix = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    if (!address || digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return {};
    if (prefix > address->bits()) return {};
    return of(*address, prefix);
}

Cidr Cidr::of(const IpAddress& address, unsigned prefix) {
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), address.bytes(), address.size());
    for (unsigned bit = prefix; bit < address.bits(); ++bit)
        bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] & ~(0x80u >> (bit % 8)));
    return {IpAddress::fromBytes(bytes.data(), address.isV6()), prefix};
}

std::string Cidr::text() const { return fmt::format("{}/{}", address.text(), prefix); }

bool Cidr::contains(const IpAddress& other) const {
    return other.isV6() == address.isV6() && of(other, prefix).address == address;
}

bool Cidr::overlaps(const Cidr& other) const {
    return prefix <= other.prefix ? contains(other.address) : other.contains(address);
}

IpAddress Cidr::last() const {
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), address.bytes(), address.size());
    for (unsigned bit = prefix; bit < address.bits(); ++bit)
        bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] | (0x80u >> (bit % 8)));
    return IpAddress::fromBytes(bytes.data(), address.isV6());
}

}  // namespace devc::engine
