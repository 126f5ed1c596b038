#pragma once
#include <ctime>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "engine/linux/fd.h"
#include "engine/linux/ip_address.h"
#include "engine/network/name_table.h"

namespace devc::engine {

/// What a container may know by name: the tables of the networks that it is on, now.
class NameDirectory {
public:
    /// `folder`: <run>/networks. `links`: name -> name to look up instead.
    NameDirectory(std::string folder, std::string containerId, std::map<std::string, std::string> links);

    /// Reads what has changed since the last time, and says whether anything has: one fstat, no more, where nothing has.
    bool refresh();

    /// All addresses, in the tables' order; nullopt: nobody has the name. `name` in lower case. Also `name.network`.
    std::optional<std::vector<IpAddress>> addressesOf(const std::string& name) const;
    /// "container.network"; empty: nobody has the address.
    std::string nameOf(const IpAddress& address) const;

private:
    struct Stamp {
        ino_t inode = 0;
        timespec modified{};
        off_t size = 0;
        bool operator==(const Stamp&) const;
    };
    struct Table {
        Stamp stamp;
        std::optional<NameTable> content;  ///< only of own networks
    };
    std::optional<std::vector<IpAddress>> find(std::string_view name) const;

    std::optional<Stamp> look();

    std::string folder_, containerId_;
    Fd opened_;  ///< the folder: a look by its descriptor costs less than one by its path
    Stamp seen_;  ///< of the folder
    std::map<std::string, std::string> links_;
    std::map<std::string, Table> tables_;  ///< by the network's folder
};

}  // namespace devc::engine
