#pragma once
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/host.h"
#include "engine/image/images.h"

namespace devc::engine {

/// What a transfer reads and writes; borrowed descriptors, -1: nothing.
struct TransferEnds {
    int input = -1, output = -1;
    ProgressSink progress{};
};

/// Runs devc-transfer with a verb and a request (an object; the state folder is added) and waits for its result; verbs and
/// results are listed in engine/transfer/verbs.h. Throws the helper's error with its details and hints.
nlohmann::json transfer(const Host&, const std::string& verb, nlohmann::json request, const TransferEnds& ends);

}  // namespace devc::engine
