#pragma once
#include <string>

#include "engine/runtime/record.h"

/// The operations of the OCI runtime specification 1.1 (runtime.md "Operations") on a bundle, by devc's own launcher.
namespace devc::engine::runtime {

struct CreateRequest {
    std::string id, bundle;
    std::string consoleSocket;  ///< a Unix socket that is sent the master of the terminal
    std::string pidFile;        ///< written with the pid of the first process
};

/// Makes the box; the program waits for start(). Nothing is left where that fails.
void create(const Records& records, const CreateRequest& request);
void start(const Records& records, const std::string& id);
/// JSON.
std::string state(const Records& records, const std::string& id);
/// `all`: every process of the container.
void kill(const Records& records, const std::string& id, int signal, bool all);
/// Throws Error if it still runs, unless `force` ends it.
void remove(const Records& records, const std::string& id, bool force);
void freeze(const Records& records, const std::string& id, bool frozen);
/// A line a container.
std::string list(const Records& records, bool quiet);
/// create, start, wait, delete. Returns the program's status.
int run(const Records& records, const CreateRequest& request);

}  // namespace devc::engine::runtime
