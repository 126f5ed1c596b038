#include "engine/launch/stillness.h"

#include "engine/error.h"
#include "engine/linux/message.h"

namespace devc::engine {

Stillness::Stillness(const Host& host, const std::string& id) : socket_(connectTo(host.containerRunDir(id).string(), "control")) {
    if (!socket_) throw Error::of("container {} is not running", id);
    send(socket_.get(), "hold");
    std::optional<Message> answer = receive(socket_.get());
    if (!answer) throw Error::of("container {} is not running", id);
    if (answer->text.starts_with("E")) throw Error(answer->text.substr(1));
}

Stillness::~Stillness() {
    try {
        // Closing would be enough, but then it would go on a moment later.
        send(socket_.get(), "unpause");
        receive(socket_.get());
    } catch (const Error&) {  // it has ended meanwhile
    }
}

}  // namespace devc::engine
