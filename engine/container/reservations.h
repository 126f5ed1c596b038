#pragma once
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/container/containers.h"
#include "engine/linux/fd.h"

namespace devc::engine {

class Containers::Reservations {
public:
    void keep(std::map<std::string, std::vector<Fd>>&& sockets) {
        std::lock_guard guard(mutex_);
        for (auto& [id, bound] : sockets) sockets_[id] = std::move(bound);
    }
    /// Nothing if the start of that container was not prepared.
    std::optional<std::vector<Fd>> take(const std::string& id) {
        std::lock_guard guard(mutex_);
        auto found = sockets_.find(id);
        if (found == sockets_.end()) return {};
        std::vector<Fd> bound = std::move(found->second);
        sockets_.erase(found);
        return bound;
    }

private:
    std::mutex mutex_;
    std::map<std::string, std::vector<Fd>> sockets_;
};

}  // namespace devc::engine
