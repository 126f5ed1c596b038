#include "engine/state/database.h"

#include <cerrno>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/linux/fd.h"
#include "engine/state/failure.h"
#include "engine/state/schema.h"

namespace devc::engine {

namespace {

constexpr int busyTimeoutMilliseconds = 30'000;

std::int64_t userVersion(Database& database) {
    Statement statement = database.prepare("PRAGMA user_version");
    statement.step();
    return statement.integer(0);
}

/// Held while the schema changes: switching to WAL does not wait for other openers by itself. It is a lock of the
/// folder because closing a second descriptor of the database file would drop SQLite's own locks on it.
Fd lockFolderOf(const std::filesystem::path& file) {
    Fd folder = openFile(file.parent_path().string(), O_RDONLY | O_DIRECTORY);
    while (::flock(folder.get(), LOCK_EX) != 0) {
        if (errno != EINTR) throw SystemError("lock " + file.parent_path().string(), errno);
    }
    return folder;
}

}  // namespace

Database::Database(const std::filesystem::path& file) {
    // SQLite gives the journal files the mode of the database, so only this one needs care.
    if (::access(file.c_str(), F_OK) != 0) openFile(file.string(), O_RDWR | O_CREAT, 0600);
    if (sqlite3_open_v2(file.c_str(), &handle_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr) != SQLITE_OK) {
        std::string reason = failureOf(handle_);
        sqlite3_close(handle_);
        throw Error::of("open state database {}: {}", file.string(), reason);
    }
    try {
        sqlite3_busy_timeout(handle_, busyTimeoutMilliseconds);
        // A checkpoint costs two fsyncs; the next automatic one does it instead of every short command.
        sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        execute("PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 256");
        if (userVersion(*this) != static_cast<std::int64_t>(migrations().size())) migrate(file);
    } catch (Error& error) {
        sqlite3_close(handle_);
        throw error.during("open {}", file.string());
    }
}

Database::~Database() { sqlite3_close(handle_); }

void Database::migrate(const std::filesystem::path& file) {
    Fd lock = lockFolderOf(file);
    auto steps = migrations();
    auto known = static_cast<std::int64_t>(steps.size());
    std::int64_t version = userVersion(*this);
    if (version > known) {
        throw Error::of("the state is of a newer devc (schema {}, this one knows {})", version, known)
            .hint("use the newer devc, or another state directory (DEVC_STATE_DIR)");
    }
    if (version == 0) execute("PRAGMA journal_mode = WAL");
    Transaction transaction(*this, Durability::PowerCut);
    for (auto step = static_cast<size_t>(version); step < steps.size(); ++step) execute(steps[step]);
    execute(fmt::format("PRAGMA user_version = {}", known));
    transaction.commit();
}

Statement Database::prepare(std::string_view sql) { return Statement(handle_, sql); }

void Database::execute(std::string_view sql) {
    std::string text(sql);
    if (sqlite3_exec(handle_, text.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        throw Error::of("state database: {} in: {}", failureOf(handle_), sql);
}

void Database::replaceBy(Database& other) {
    sqlite3_backup* copy = sqlite3_backup_init(handle_, "main", other.handle_, "main");
    if (copy == nullptr) throw Error::of("replace the state database: {}", failureOf(handle_));
    int result = SQLITE_OK;
    do {
        result = sqlite3_backup_step(copy, -1);
    } while (result == SQLITE_OK);
    sqlite3_backup_finish(copy);
    if (result != SQLITE_DONE) throw Error::of("replace the state database: {}", sqlite3_errstr(result));
}

void Database::copyFile(const std::filesystem::path& to) {
    sqlite3_file* file = nullptr;
    sqlite3_int64 size = 0;
    if (sqlite3_file_control(handle_, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK || file->pMethods->xFileSize(file, &size) != SQLITE_OK)
        throw Error::of("read the state database: {}", failureOf(handle_));
    std::string content(static_cast<std::size_t>(size), '\0');
    if (file->pMethods->xRead(file, content.data(), static_cast<int>(content.size()), 0) != SQLITE_OK)
        throw Error::of("read the state database: {}", failureOf(handle_));
    writeFileAtomically(to.string(), content, 0600, true);
}

Database::Transaction::Transaction(Database& database, Durability durability)
    : guard_(database.mutex_), database_(database) {
    if (database_.depth_ == 0) {
        database_.execute(durability == Durability::PowerCut ? "PRAGMA synchronous = FULL"
                                                             : "PRAGMA synchronous = NORMAL");
        database_.execute("BEGIN IMMEDIATE");
    } else {
        database_.execute(fmt::format("SAVEPOINT level{}", database_.depth_));
    }
    ++database_.depth_;
}

void Database::Transaction::commit() {
    int level = database_.depth_ - 1;
    database_.execute(level == 0 ? "COMMIT" : fmt::format("RELEASE level{}", level));
    --database_.depth_;
    done_ = true;
}

Database::Transaction::~Transaction() {
    if (done_) return;
    int level = --database_.depth_;
    // SQLite may have rolled back by itself (disk full): then there is nothing left to undo, and no one to tell.
    std::string undo = level == 0 ? "ROLLBACK" : fmt::format("ROLLBACK TO level{0}; RELEASE level{0}", level);
    sqlite3_exec(database_.handle_, undo.c_str(), nullptr, nullptr, nullptr);
}

}  // namespace devc::engine
