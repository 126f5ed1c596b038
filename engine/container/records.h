#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/spec.h"
#include "engine/state/database.h"

namespace devc::engine {

/// A container as the database has it. Contents of secrets are not in it.
struct Record {
    std::string id, name, created;
    ContainerSpec spec;
    std::vector<std::string> arguments;
};

/// The table of containers.
class Records {
public:
    explicit Records(Database& database) : database_(database) {}

    void insert(const Record&);  ///< inside a transaction
    void update(const Record&);  ///< inside a transaction
    void erase(const std::string& id);
    bool exists(const std::string& id) const;
    bool nameTaken(const std::string& name) const;
    /// Newest first; of one compose project unless that is empty.
    std::vector<Record> list(const std::string& project) const;
    /// Full id, name ("/name" too), unambiguous prefix of an id: docker's order. Throws NotFound, or Error if ambiguous.
    Record find(const std::string& nameOrId) const;
    std::optional<Record> byId(const std::string& id) const;

private:
    Database& database_;
};

}  // namespace devc::engine
