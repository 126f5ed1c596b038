#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/linux/fd.h"

namespace devc::engine {

/// A message on a SOCK_SEQPACKET socket, with descriptors.
struct Message {
    std::string text;
    std::vector<Fd> descriptors;
};

/// A connected pair; both ends close on exec.
std::pair<Fd, Fd> messagePair();
/// Listens on `name` in `folder`. The folder's path may be longer than an address can be. An old socket is replaced.
Fd listenIn(const std::string& folder, const char* name);
/// Empty Fd if nobody listens there.
Fd connectTo(const std::string& folder, const char* name);

/// False if the other side is gone. Throws SystemError for other failures.
bool send(int socket, std::string_view text, const std::vector<int>& descriptors = {});
/// Waits for one; nothing if the other side is gone (or, on a non-blocking socket, nothing is there).
std::optional<Message> receive(int socket);
/// The other side has closed its end; what it sent before may still be there.
bool hasHungUp(int socket);

}  // namespace devc::engine
