#pragma once
#include <string>
#include <vector>

namespace devc::engine {

/// How `commit` makes an image of a container.
struct CommitRequest {
    std::string reference, author, message;
    std::vector<std::string> changes;  ///< Dockerfile instructions, as Images::import takes them
    bool pause = true;                 ///< a running container stands still while its files are read
};

}  // namespace devc::engine
