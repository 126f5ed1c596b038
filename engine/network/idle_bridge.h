#pragma once
#include <string>

namespace devc::engine {

struct Network;

/// A bridge that nobody uses any more goes in two steps. retireBridge(), within the transaction that found it idle, takes it
/// out of service: down, without addresses, under another name, so that the next one can be made at once. removeRetired()
/// deletes it. That waits until all processors have let go of it, tens of milliseconds, and needs no lock.
void retireBridge(const Network& network);
/// `bridge`: the name that it had in service. Nothing if there is none, or another process is about it.
void removeRetired(const std::string& bridge);

}  // namespace devc::engine
