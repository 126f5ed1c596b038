#pragma once
#include <cstdlib>
#include <filesystem>

#include "engine/host.h"

/// A state and a run folder that go away with it.
struct TemporaryHost {
    std::filesystem::path folder;
    devc::engine::Host host;

    TemporaryHost() {
        char name[] = "/tmp/devc-test-XXXXXX";
        folder = ::mkdtemp(name);
        std::filesystem::create_directories(folder / "state");
        std::filesystem::create_directories(folder / "run");
        host = {folder / "state", folder / "run", "/nonexistent"};
    }
    TemporaryHost(const TemporaryHost&) = delete;
    ~TemporaryHost() { std::filesystem::remove_all(folder); }
};
