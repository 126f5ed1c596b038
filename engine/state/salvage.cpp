#include "engine/state/salvage.h"

#include <filesystem>

#include "engine/error.h"

namespace devc::engine {

namespace {

namespace fs = std::filesystem;

struct Column {
    std::string name;
    bool number = false, ofKey = false;
};

std::vector<std::string> tablesOf(Database& database) {
    std::vector<std::string> tables;
    Statement row = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
    while (row.step()) tables.push_back(row.text(0));
    return tables;
}

std::vector<Column> columnsOf(Database& database, const std::string& table) {
    std::vector<Column> columns;
    Statement row = database.prepare(fmt::format("PRAGMA table_info({})", table));
    while (row.step()) columns.push_back({row.text(1), row.text(2) == "INTEGER", row.integer(5) != 0});
    return columns;
}

std::string joined(const std::vector<Column>& columns, bool ofKey, std::string_view after) {
    std::string text;
    for (const Column& column : columns)
        if (!ofKey || column.ofKey) text += fmt::format("{}{}{}", text.empty() ? "" : ", ", column.name, after);
    return text;
}

/// Rows in one order of the key, until the first that cannot be read. True if that was the end.
bool copyRows(Database& from, Database& to, const std::string& table, const std::vector<Column>& columns, std::string_view order) {
    std::string places = "?";
    for (std::size_t i = 1; i < columns.size(); ++i) places += ", ?";
    const std::string names = joined(columns, false, "");
    Statement insert = to.prepare(fmt::format("INSERT OR IGNORE INTO {} ({}) VALUES ({})", table, names, places));
    try {
        Statement row = from.prepare(fmt::format("SELECT {} FROM {} ORDER BY {}", names, table, joined(columns, true, order)));
        while (row.step()) {
            insert.reset();
            for (std::size_t i = 0; i < columns.size(); ++i) {
                const int at = static_cast<int>(i);
                if (row.isNull(at)) insert.bindNull();
                else if (columns[i].number) insert.bind(row.integer(at));
                else insert.bind(row.text(at));
            }
            insert.run();
        }
        return true;
    } catch (const Error&) {
        return false;
    }
}

std::size_t countOf(Database& database, const std::string& table) {
    Statement row = database.prepare(fmt::format("SELECT count(*) FROM {}", table));
    row.step();
    return static_cast<std::size_t>(row.integer(0));
}

/// Rows whose foreign keys lead to nothing.
void removeOrphans(Database& database, const std::string& table) {
    std::vector<std::string> removals;
    {
        Statement key = database.prepare(fmt::format("PRAGMA foreign_key_list({})", table));
        while (key.step())
            removals.push_back(fmt::format("DELETE FROM {} WHERE {} NOT IN (SELECT {} FROM {})", table, key.text(3), key.text(4), key.text(2)));
    }
    for (const std::string& removal : removals) database.execute(removal);
}

struct Scratch {
    fs::path file;
    ~Scratch() {
        std::error_code ignored;
        for (const char* end : {"", "-wal", "-shm"}) fs::remove(file.string() + end, ignored);
    }
};

}  // namespace

std::vector<std::string> problemsOf(Database& database) {
    Database::Lock lock(database);
    std::vector<std::string> problems;
    try {
        Statement found = database.prepare("PRAGMA integrity_check(20)");
        while (found.step())
            if (found.text(0) != "ok") problems.push_back(found.text(0));
    } catch (const Error& error) {
        problems.emplace_back(error.what());
    }
    return problems;
}

Salvage salvage(Database& damaged, const fs::path& file, const std::function<void(Database&)>& complete) {
    Database::Lock lock(damaged);
    Salvage result;
    const Scratch scratch{file.string() + ".salvaged"};
    Database fresh(scratch.file);
    fresh.execute("PRAGMA foreign_keys = OFF");
    const std::vector<std::string> tables = tablesOf(fresh);
    {
        Database::Transaction transaction(fresh);
        for (const std::string& table : tables) {
            const std::vector<Column> columns = columnsOf(fresh, table);
            // What lies behind a damaged page is reached from the other end.
            if (!copyRows(damaged, fresh, table, columns, "") && !copyRows(damaged, fresh, table, columns, " DESC")) result.cutTables.push_back(table);
        }
        if (result.cutTables.size() == tables.size()) throw Error::of("nothing can be read of {}", file.string());
        for (const std::string& table : tables) removeOrphans(fresh, table);
        for (const std::string& table : tables) result.rows += countOf(fresh, table);
        complete(fresh);
        transaction.commit();
    }
    damaged.copyFile(file.string() + ".damaged");
    damaged.replaceBy(fresh);
    return result;
}

}  // namespace devc::engine
