#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace devc::engine {

/// One container of a network, as its neighbours' resolvers know it.
struct NameEntry {
    std::string id;              ///< of the container
    std::string ipv4, ipv6;      ///< without prefix; empty: none
    std::string containerName;
    std::vector<std::string> names;  ///< service, aliases, short id
};

struct NameTable {
    std::string network;
    std::vector<NameEntry> entries;
};

/// The name table of a network as text: `network <name>`, then a line an entry:
/// `<id> <ipv4|-> <ipv6|-> <container name> <name> <name> ...`. Names with white space cannot be asked for and are left out.
std::string encodeNameTable(const NameTable& table);

/// Puts the table in its place, `<folder>/<network>/names`, and sets the time of `folder`, so that a look at that tells
/// whether any table has changed. Under the database's lock.
void writeNameTable(const std::filesystem::path& folder, const std::string& network, const NameTable& table);

/// The reverse. Lines that are not an entry are left out.
NameTable decodeNameTable(std::string_view text);

}  // namespace devc::engine
