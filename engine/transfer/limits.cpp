#include "engine/transfer/limits.h"

#include <charconv>
#include <cstdlib>
#include <string_view>

#include "engine/error.h"

namespace devc::engine::transfer {

namespace {
void override(std::uint64_t& limit, const char* variable) {
    const char* value = std::getenv(variable);
    if (value == nullptr || *value == '\0') return;
    std::string_view text(value);
    auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (problem != std::errc{} || end != text.data() + text.size()) {
        throw Error::of("{} must be a whole number, not '{}'", variable, text);
    }
}
}  // namespace

Limits Limits::fromEnvironment() {
    Limits limits;
    override(limits.layerBytes, "DEVC_MAX_LAYER_BYTES");
    override(limits.layerEntries, "DEVC_MAX_LAYER_ENTRIES");
    override(limits.expansion, "DEVC_MAX_EXPANSION");
    override(limits.stallSeconds, "DEVC_STALL_SECONDS");
    return limits;
}

}  // namespace devc::engine::transfer
