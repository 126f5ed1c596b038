#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <string>

namespace devc::engine {

using LogOptions = std::map<std::string, std::string>;

/// Docker counts the sizes of files in powers of 1000, those of buffers in powers of 1024.
enum class Unit { Decimal, Binary };

/// Values of logging options, as docker reads them; an option that is missing is `otherwise`. Each throws Error with the
/// option's name.
std::uint64_t sizeOption(const LogOptions&, const std::string& name, std::uint64_t otherwise, Unit);  ///< "10m", "1.5g"; "-1": without end
unsigned countOption(const LogOptions&, const std::string& name, unsigned otherwise, unsigned least);
bool flagOption(const LogOptions&, const std::string& name, bool otherwise);
std::chrono::nanoseconds durationOption(const LogOptions&, const std::string& name, std::chrono::nanoseconds otherwise);  ///< "1s"
std::string textOption(const LogOptions&, const std::string& name, const std::string& otherwise = {});

}  // namespace devc::engine
