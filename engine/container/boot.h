#pragma once
#include "engine/container/containers.h"

namespace devc::engine {

/// What is left of a container's last life when the machine has been started anew.
struct LastLife {
    bool started = false;        ///< it was started at least once
    bool interrupted = false;    ///< nobody wrote down its end: the machine went down under it
    bool stoppedByUser = false;
    int exitCode = 0;
};

LastLife lastLifeOf(const Host& host, const Container& container);

/// Whether the policy brings it back, as docker's daemon does when it starts. Pure.
bool comesBack(const RestartPolicy& policy, const LastLife& last);

}  // namespace devc::engine
