#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "engine/error.h"
#include "engine/state/salvage.h"
#include "tests/unit/temporary_folder.h"

using namespace devc::engine;
namespace fs = std::filesystem;

namespace {

std::int64_t number(Database& database, const std::string& sql) {
    Statement row = database.prepare(sql);
    row.step();
    return row.integer(0);
}

/// 2,000 volumes, each used by a container, and one page of their table destroyed: the root or one of the leaves.
fs::path damagedFile(const TemporaryFolder& folder, bool root) {
    const fs::path file = folder.path / "devc.db";
    std::int64_t page = 0, size = 0;
    {
        Database database(file);
        Database::Transaction transaction(database);
        for (int i = 0; i < 2000; ++i) {
            const std::string name = fmt::format("{:05}", i);
            database.prepare("INSERT INTO volumes VALUES (?, 'local', '', 0, '{}', '{}')").bind(name).run();
            database.prepare("INSERT INTO containers VALUES (?, ?, '', '', '', '', '')").bind(name).bind(name).run();
            database.prepare("INSERT INTO volume_users VALUES (?, ?)").bind(name).bind(name).run();
        }
        transaction.commit();
        page = number(database, "SELECT rootpage FROM sqlite_master WHERE name = 'volumes'");
        size = number(database, "PRAGMA page_size");
        Statement(database.prepare("PRAGMA wal_checkpoint(TRUNCATE)")).run();
    }
    std::fstream raw(file, std::ios::in | std::ios::out | std::ios::binary);
    if (!root) {  // a child of the root: its number stands in a cell
        std::string content(static_cast<std::size_t>(size), '\0');
        raw.seekg((page - 1) * size);
        raw.read(content.data(), size);
        const auto byte = [&](std::size_t at) { return static_cast<std::int64_t>(static_cast<unsigned char>(content[at])); };
        const auto cell = static_cast<std::size_t>(byte(12 + 8) * 256 + byte(12 + 9));  // the fifth of them
        page = (byte(cell) << 24) + (byte(cell + 1) << 16) + (byte(cell + 2) << 8) + byte(cell + 3);
    }
    raw.seekp((page - 1) * size);
    raw << std::string(static_cast<std::size_t>(size), '\xff');
    return file;
}

}  // namespace

TEST_CASE("of a database with a damaged page the rows before and behind it are saved") {
    TemporaryFolder folder;
    const fs::path file = damagedFile(folder, false);
    Database database(file);
    CHECK_FALSE(problemsOf(database).empty());
    const Salvage saved = salvage(database, file, [](Database& fresh) { fresh.execute("INSERT INTO volumes VALUES ('added', 'local', '', 0, '{}', '{}')"); });
    CHECK(saved.cutTables == std::vector<std::string>{"volumes"});
    CHECK(problemsOf(database).empty());
    CHECK(number(database, "SELECT count(*) FROM containers") == 2000);
    const std::int64_t volumes = number(database, "SELECT count(*) FROM volumes");
    CHECK(volumes > 1800);
    CHECK(volumes < 2001);
    CHECK(number(database, "SELECT count(*) FROM volumes WHERE name = 'added' OR name = '00000' OR name = '01999'") == 3);
    CHECK(number(database, "SELECT count(*) FROM volume_users") == volumes - 1);
    CHECK(fs::exists(file.string() + ".damaged"));
    CHECK_FALSE(fs::exists(file.string() + ".salvaged"));
}

TEST_CASE("a table whose root is damaged is empty afterwards, the others whole") {
    TemporaryFolder folder;
    const fs::path file = damagedFile(folder, true);
    Database database(file);
    salvage(database, file, [](Database&) {});
    CHECK(problemsOf(database).empty());
    CHECK(number(database, "SELECT count(*) FROM volumes") == 0);
    CHECK(number(database, "SELECT count(*) FROM volume_users") == 0);
    CHECK(number(database, "SELECT count(*) FROM containers") == 2000);
}

TEST_CASE("nothing is wrong with a sound database") {
    TemporaryFolder folder;
    Database database(folder.path / "devc.db");
    CHECK(problemsOf(database).empty());
}
