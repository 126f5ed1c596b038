#include "engine/launch/network_namespace.h"

#include "engine/linux/message.h"

namespace devc::engine {

Fd networkNamespaceOf(const Host& host, const std::string& id) {
    const Fd socket = connectTo(host.containerRunDir(id).string(), "control");
    if (!socket) return {};
    send(socket.get(), "network");
    std::optional<Message> answer = receive(socket.get());
    if (!answer || answer->descriptors.empty()) return {};
    return std::move(answer->descriptors.front());
}

}  // namespace devc::engine
