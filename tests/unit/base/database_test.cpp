#include <cstdlib>
#include <filesystem>
#include <sys/stat.h>
#include <thread>

#include <doctest/doctest.h>

#include "engine/error.h"
#include "engine/state/database.h"
#include "engine/state/schema.h"
#include "tests/unit/temporary_folder.h"

using namespace devc::engine;

namespace {

void addVolume(Database& database, std::string_view name) {
    database.prepare("INSERT INTO volumes VALUES (?, 'local', '', 0, '{}', '{}')").bind(name).run();
}

std::int64_t volumes(Database& database) {
    Statement count = database.prepare("SELECT count(*) FROM volumes");
    count.step();
    return count.integer(0);
}

}  // namespace

TEST_CASE("a new database has the newest schema and is readable by its owner only") {
    TemporaryFolder folder;
    Database database(folder.path / "devc.db");
    Statement version = database.prepare("PRAGMA user_version");
    REQUIRE(version.step());
    CHECK(version.integer(0) == static_cast<std::int64_t>(migrations().size()));
    for (auto& file : std::filesystem::directory_iterator(folder.path)) {
        struct stat status{};
        ::stat(file.path().c_str(), &status);
        CHECK((status.st_mode & 0777) == 0600);
    }
}

TEST_CASE("a database that is opened again keeps what was committed") {
    TemporaryFolder folder;
    {
        Database database(folder.path / "devc.db");
        Database::Transaction transaction(database, Database::Durability::PowerCut);
        addVolume(database, "kept");
        transaction.commit();
    }
    Database database(folder.path / "devc.db");
    CHECK(volumes(database) == 1);
}

TEST_CASE("a transaction that is not committed leaves nothing") {
    TemporaryFolder folder;
    Database database(folder.path / "devc.db");
    {
        Database::Transaction transaction(database);
        addVolume(database, "gone");
    }
    CHECK(volumes(database) == 0);
}

TEST_CASE("a nested transaction is undone alone, or with the outer one") {
    TemporaryFolder folder;
    Database database(folder.path / "devc.db");
    {
        Database::Transaction outer(database);
        addVolume(database, "outer");
        {
            Database::Transaction inner(database);
            addVolume(database, "inner");
        }
        CHECK(volumes(database) == 1);
        outer.commit();
    }
    {
        Database::Transaction outer(database);
        Database::Transaction inner(database);
        addVolume(database, "both");
        inner.commit();
    }
    CHECK(volumes(database) == 1);
}

TEST_CASE("a database of a newer program is refused") {
    TemporaryFolder folder;
    { Database(folder.path / "devc.db").execute("PRAGMA user_version = 9999"); }
    try {
        Database database(folder.path / "devc.db");
        FAIL("opened");
    } catch (const Error& error) {
        CHECK(std::string(error.what()).find("newer devc") != std::string::npos);
        CHECK(error.hints().size() == 1);
    }
}

TEST_CASE("several openers of a new database do not disturb each other") {
    TemporaryFolder folder;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&, i] {
            Database database(folder.path / "devc.db");
            Database::Transaction transaction(database);
            addVolume(database, std::to_string(i));
            transaction.commit();
        });
    }
    for (auto& thread : threads) thread.join();
    Database database(folder.path / "devc.db");
    CHECK(volumes(database) == 8);
}

TEST_CASE("an error of the database names the statement") {
    TemporaryFolder folder;
    Database database(folder.path / "devc.db");
    CHECK_THROWS_WITH_AS(database.prepare("SELECT missing FROM volumes"),
                         "state database: no such column: missing in: SELECT missing FROM volumes", Error);
}
