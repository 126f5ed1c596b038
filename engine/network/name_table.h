#pragma once
#include <string>
#include <vector>

namespace devc::engine {

/// One container of a network, as its neighbours' resolvers know it.
struct NameEntry {
    std::string ipv4, ipv6;      ///< without prefix; empty: none
    std::string containerName;
    std::vector<std::string> names;  ///< service, aliases, short id
};

/// The name table of a network as text: `network <name>`, then a line an entry:
/// `<ipv4|-> <ipv6|-> <container name> <name> <name> ...`. Names with white space cannot be asked for and are left out.
std::string encodeNameTable(const std::string& network, const std::vector<NameEntry>& entries);

}  // namespace devc::engine
