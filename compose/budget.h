#pragma once
#include <cstddef>

#include "compose/model/mapping.h"

namespace devc::compose {

class Node;
struct Position;

/// How large a project may become. A small file can ask for a lot: aliases, extends, include, env_file, port ranges and
/// variables all copy. What is copied is counted here, and refused (LoadError) before it fills the memory.
class Budget {
public:
    static constexpr std::size_t largestFile = 16U << 20U;    ///< bytes of one file
    static constexpr std::size_t mostFileValues = 500'000;    ///< of one file, its aliases replaced
    static constexpr std::size_t mostDocuments = 100;         ///< of one file, between `---`
    static constexpr std::size_t deepest = 100;               ///< levels of values, services that extend each other, files that include each other
    static constexpr std::size_t mostServices = 20'000;
    static constexpr std::size_t mostValues = 1'000'000;      ///< of the project, every copy counted
    static constexpr std::size_t mostBytes = 64U << 20U;      ///< that variables and environment files put in
    static constexpr std::size_t longestText = 4U << 20U;     ///< bytes of one text after its variables were replaced

    /// Values that were read or copied; `at` is what asked for them.
    void addValues(std::size_t count, Position at);
    void addBytes(std::size_t count, Position at);

private:
    std::size_t values_ = 0;
    std::size_t bytes_ = 0;
};

/// The values of a tree, itself included.
std::size_t countValues(const Node& node);

/// Counts the texts that names without a value (environment, build.args) and secrets and configs made from variables will
/// get from `variables`.
void addBareVariables(Budget& budget, const Node& document, const StringMap& variables);

}  // namespace devc::compose
