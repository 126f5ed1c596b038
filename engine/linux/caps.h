#pragma once
#include <cstdint>
#include <string>

namespace devc::engine {

/// Capability sets, one bit a capability (bit n: capability n).
struct CapabilitySets {
    std::uint64_t bounding = 0, permitted = 0, effective = 0, inheritable = 0, ambient = 0;
};

/// "CAP_NET_RAW" -> its bit; 0 for a name that this kernel's headers do not know.
std::uint64_t capabilityBit(const std::string& name);

/// What the calling process has.
CapabilitySets currentCapabilities();

/// Drops from the bounding set all that is not in `keep`.
void limitBoundingSet(std::uint64_t keep);
/// Sets the others. What the caller's permitted set lacks is left out instead of failing: where devc itself lacks a
/// capability, the container gets all that devc has.
void applyCapabilities(const CapabilitySets&);

}  // namespace devc::engine
