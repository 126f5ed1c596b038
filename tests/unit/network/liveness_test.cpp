#include "engine/network/liveness.h"

#include <cstdlib>
#include <filesystem>

#include <doctest/doctest.h>

#include "engine/launch/state.h"
#include "engine/linux/fd.h"
#include "tests/unit/temporary_folder.h"

using namespace devc::engine;

namespace {

const std::string container(64, 'a');

void end(const Host& host, const std::string& when) {
    ContainerState state;
    state.status = Status::Exited;
    state.startedAt = state.finishedAt = when;
    std::filesystem::create_directories(host.containerDir(container));
    writeFileAtomically((host.containerDir(container) / "exit").string(), encode(state));
}

}  // namespace

TEST_CASE("an endpoint that was made live for a start is dead after the next end only, by whatever clock") {
    TemporaryFolder folder;
    const Host host{folder.path / "state", folder.path / "run", ""};
    Endpoint endpoint;
    endpoint.container = container;
    for (const char* before : {"2001-01-01T00:00:00.000000000Z", "2199-01-01T00:00:00.000000000Z"}) {
        end(host, before);
        activateBy(host, endpoint);
        CHECK(deadOf(host, {endpoint}).empty());
        end(host, "2024-01-01T00:00:00.000000000Z");
        CHECK(deadOf(host, {endpoint}).size() == 1);
    }
}
