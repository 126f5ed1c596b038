#include "engine/transfer/channel.h"

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/linux/fd.h"

namespace devc::engine::transfer {

void Channel::line(const nlohmann::json& value) {
    std::string text = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    std::lock_guard lock(mutex_);
    writeAll(descriptor_, text);
}

void Channel::progress(const std::string& id, std::string_view status, std::uint64_t current, std::uint64_t total) {
    line({{"progress", nlohmann::json::array({id, status, current, total})}});
}

void Channel::result(const nlohmann::json& value) { line({{"result", value}}); }

void Channel::error(const std::exception& problem) {
    nlohmann::json error = {{"message", problem.what()}, {"status", 1}, {"kind", "error"}};
    if (auto* known = dynamic_cast<const Error*>(&problem)) {
        error["details"] = known->details();
        error["hints"] = known->hints();
        error["status"] = known->exitStatus();
        if (dynamic_cast<const NotFound*>(&problem)) error["kind"] = "not found";
    }
    line({{"error", error}});
}

}  // namespace devc::engine::transfer
