#include "engine/container/records.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "engine/error.h"

namespace devc::engine {

namespace {

constexpr std::string_view columns = "id, name, created, spec, arguments";

Record recordFrom(const Statement& row) {
    Record record{row.text(0), row.text(1), row.text(2), {}, {}};
    from_json(nlohmann::json::parse(row.text(3)), record.spec);
    nlohmann::json::parse(row.text(4)).get_to(record.arguments);
    return record;
}

/// JSON with what is not UTF-8 replaced: a command line may have any bytes, the record must not fail on them.
std::string textOf(const nlohmann::json& json) { return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace); }

std::string textOf(ContainerSpec spec) {
    for (FileSpec& file : spec.files) {
        if (file.secret) file.content.clear();
    }
    nlohmann::json json;
    to_json(json, spec);
    return textOf(json);
}

std::string projectOf(const ContainerSpec& spec) {
    auto label = spec.labels.find("com.docker.compose.project");
    return label == spec.labels.end() ? "" : label->second;
}

bool isIdPrefix(std::string_view text) {
    return !text.empty() && text.size() <= 64 &&
           std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

void Records::insert(const Record& record) {
    database_.prepare("INSERT INTO containers (id, name, project, image_id, created, spec, arguments) VALUES (?, ?, ?, ?, ?, ?, ?)")
        .bind(record.id).bind(record.name).bind(projectOf(record.spec)).bind(record.spec.imageId).bind(record.created)
        .bind(textOf(record.spec)).bind(textOf(nlohmann::json(record.arguments))).run();
}

void Records::update(const Record& record) {
    database_.prepare("UPDATE containers SET name = ?, project = ?, spec = ? WHERE id = ?")
        .bind(record.name).bind(projectOf(record.spec)).bind(textOf(record.spec)).bind(record.id).run();
}

void Records::erase(const std::string& id) { database_.prepare("DELETE FROM containers WHERE id = ?").bind(id).run(); }

bool Records::exists(const std::string& id) const {
    Database::Lock lock(database_);
    return database_.prepare("SELECT 1 FROM containers WHERE id = ?").bind(id).step();
}

bool Records::nameTaken(const std::string& name) const {
    Database::Lock lock(database_);
    return database_.prepare("SELECT 1 FROM containers WHERE name = ?").bind(name).step();
}

std::vector<Record> Records::list(const std::string& project) const {
    Database::Lock lock(database_);
    std::vector<Record> records;
    std::string where = project.empty() ? "" : "WHERE project = ? ";
    Statement query = database_.prepare(fmt::format("SELECT {} FROM containers {}ORDER BY created DESC", columns, where));
    if (!project.empty()) query.bind(project);
    while (query.step()) records.push_back(recordFrom(query));
    return records;
}

std::optional<Record> Records::byId(const std::string& id) const {
    Database::Lock lock(database_);
    Statement query = database_.prepare(fmt::format("SELECT {} FROM containers WHERE id = ?", columns));
    if (!query.bind(id).step()) return {};
    return recordFrom(query);
}

Record Records::find(const std::string& nameOrId) const {
    Database::Lock lock(database_);
    if (auto record = byId(nameOrId)) return *record;
    std::string_view name = nameOrId;
    if (name.starts_with('/')) name.remove_prefix(1);
    Statement byName = database_.prepare(fmt::format("SELECT {} FROM containers WHERE name = ?", columns));
    if (byName.bind(name).step()) return recordFrom(byName);
    if (isIdPrefix(nameOrId)) {
        // 'g' comes after every hexadecimal digit: the prefix is a range of the primary key.
        Statement byPrefix = database_.prepare(fmt::format("SELECT {} FROM containers WHERE id >= ? AND id < ? LIMIT 2", columns));
        byPrefix.bind(nameOrId).bind(nameOrId + "g");
        if (byPrefix.step()) {
            Record record = recordFrom(byPrefix);
            if (byPrefix.step()) throw Error::of("multiple IDs found with provided prefix: {}", nameOrId);
            return record;
        }
    }
    throw NotFound("No such container: " + nameOrId);
}

}  // namespace devc::engine
