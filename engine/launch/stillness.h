#pragma once
#include <string>

#include "engine/host.h"
#include "engine/linux/fd.h"

namespace devc::engine {

/// A container stands still while the object lives, and while the process that has it lives: a killed one leaves nothing
/// paused. Throws Error if it does not run or is paused already.
class Stillness {
public:
    Stillness(const Host& host, const std::string& id);
    ~Stillness();
    Stillness(const Stillness&) = delete;

private:
    Fd socket_;
};

}  // namespace devc::engine
