#include "engine/launch/handles.h"

#include <cstdlib>
#include <fcntl.h>

#include "engine/error.h"
#include "engine/linux/message.h"
#include "engine/linux/process.h"

namespace devc::engine {

namespace {

Fd ask(const Host& host, const std::string& id, std::string_view request) {
    const Fd socket = connectTo(host.containerRunDir(id).string(), "control");
    if (!socket) return {};
    send(socket.get(), request);
    std::optional<Message> answer = receive(socket.get());
    if (!answer || answer->descriptors.empty()) return {};
    return std::move(answer->descriptors.front());
}

}  // namespace

Fd networkNamespaceOf(const Host& host, const std::string& id) { return ask(host, id, "network"); }
Fd firstProcessOf(const Host& host, const std::string& id) { return ask(host, id, "process"); }

Fd joinedNamespace(const Host& host, const std::string& id, const std::string& kind) {
    Fd found, process = kind == "network" ? Fd() : firstProcessOf(host, id);
    if (kind == "network") found = networkNamespaceOf(host, id);
    else if (process) withId(process.get(), [&](pid_t number) { found = openFile(fmt::format("/proc/{}/ns/{}", number, kind), O_RDONLY); });
    if (!found) throw Conflict(fmt::format("cannot join {} of a non running container: {}", kind, id));
    return found;
}

void withId(int pidfd, const std::function<void(pid_t)>& work) {
    constexpr std::string_view heading = "\nPid:";
    const std::string about = readFile("/proc/self/fdinfo/" + std::to_string(pidfd));
    const std::size_t at = about.find(heading);
    const pid_t process = at == std::string::npos ? -1 : static_cast<pid_t>(std::strtol(about.c_str() + at + heading.size(), nullptr, 10));
    if (process > 0) work(process);
    if (process <= 0 || waitReadable(pidfd, 0)) throw Error("the container is not running", 126);
}

}  // namespace devc::engine
