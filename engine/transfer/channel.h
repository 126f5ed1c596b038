#pragma once
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace devc::engine::transfer {

/// Descriptors by agreement between devc and devc-transfer: 0 and 1 are data (a tar that comes in or goes out).
constexpr int requestDescriptor = 3;  ///< the request, a JSON object, read to its end
constexpr int eventDescriptor = 4;    ///< JSON lines: {"progress":[id,status,current,total]}, then {"result":...} or {"error":...}

/// Reports to devc. Safe to use from several threads.
class Channel {
public:
    explicit Channel(int descriptor) : descriptor_(descriptor) {}
    void progress(const std::string& id, std::string_view status, std::uint64_t current = 0, std::uint64_t total = 0);
    void result(const nlohmann::json& value);
    void error(const std::exception& problem);

private:
    void line(const nlohmann::json& value);
    int descriptor_;
    std::mutex mutex_;
};

}  // namespace devc::engine::transfer
