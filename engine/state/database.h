#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace devc::engine {

/// A prepared statement. Parameters are bound in order from 1; columns read from 0.
class Statement {
public:
    Statement(sqlite3* handle, std::string_view sql);
    ~Statement();
    Statement(Statement&&) noexcept;
    Statement(const Statement&) = delete;
    /// Makes it ready to run once more with other parameters.
    Statement& reset();

    Statement& bind(std::string_view text);
    Statement& bind(std::int64_t number);
    Statement& bindNull();
    /// True while there is a row. Throws Error naming the statement.
    bool step();
    /// For statements without rows.
    void run() { while (step()) {} }

    std::string text(int column) const;
    std::int64_t integer(int column) const;
    bool isNull(int column) const;

private:
    sqlite3_stmt* statement_ = nullptr;
    sqlite3* handle_ = nullptr;
    int next_ = 1;
};

/// The state database: SQLite in WAL mode, one connection, safe to use from several threads (one at a time inside).
/// Opens and migrates at construction; a newer schema than this program knows is refused.
class Database {
public:
    explicit Database(const std::filesystem::path& file);
    ~Database();
    Database(const Database&) = delete;

    Statement prepare(std::string_view sql);
    void execute(std::string_view sql);
    /// All content becomes that of `other`, in one transaction.
    void replaceBy(Database& other);
    /// The file as it is, without what is in the journal only. No second descriptor is opened: closing it would drop SQLite's locks.
    void copyFile(const std::filesystem::path& to);

    /// Holds the connection for this thread; every use of prepare/execute from engine code is under a Lock or a Transaction.
    class Lock {
    public:
        explicit Lock(Database& database) : guard_(database.mutex_) {}
    private:
        std::unique_lock<std::recursive_mutex> guard_;
    };
    /// What a committed transaction outlives: a killed process (always), or a power cut too (costs an fsync).
    enum class Durability { Process, PowerCut };
    /// BEGIN IMMEDIATE ... COMMIT; rolled back unless commit() was called. Inside another transaction of the same thread
    /// it is a savepoint: its commit lasts only if the outer one commits. Throws Error if another process holds the
    /// database for longer than 30 s.
    class Transaction {
    public:
        explicit Transaction(Database& database, Durability durability = Durability::Process);
        ~Transaction();
        Transaction(const Transaction&) = delete;
        void commit();
    private:
        std::unique_lock<std::recursive_mutex> guard_;
        Database& database_;
        bool done_ = false;
    };

private:
    void migrate(const std::filesystem::path& file);

    sqlite3* handle_ = nullptr;
    std::recursive_mutex mutex_;
    int depth_ = 0;  ///< of nested transactions
};

}  // namespace devc::engine
