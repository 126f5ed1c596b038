#pragma once
#include <string>

namespace devc::engine {

/// Finds the keys that detach in what is typed. A part of the sequence is held back until it is clear that it is none.
class DetachKeys {
public:
    /// Keys as docker writes them, separated by commas: "a", "ctrl-p", "ctrl-["; empty: ctrl-p,ctrl-q.
    /// Throws Error for others.
    explicit DetachKeys(const std::string& keys);
    /// Takes from `typed` what belongs to the sequence; true if it is complete. What is left is to be passed on.
    bool filter(std::string& typed);

private:
    std::string sequence_;
    std::size_t matched_ = 0;
};

}  // namespace devc::engine
