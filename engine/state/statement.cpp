#include <utility>

#include <sqlite3.h>

#include "engine/error.h"
#include "engine/state/database.h"
#include "engine/state/failure.h"

namespace devc::engine {

namespace {
[[noreturn]] void fail(sqlite3* handle, std::string_view sql) {
    throw Error::of("state database: {} in: {}", failureOf(handle), sql);
}
}  // namespace

Statement::Statement(sqlite3* handle, std::string_view sql) : handle_(handle) {
    if (sqlite3_prepare_v2(handle, sql.data(), static_cast<int>(sql.size()), &statement_, nullptr) != SQLITE_OK) {
        fail(handle, sql);
    }
}

Statement::Statement(Statement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)), handle_(other.handle_), next_(other.next_) {}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::reset() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
    next_ = 1;
    return *this;
}

Statement& Statement::bind(std::string_view text) {
    // A null pointer would bind NULL.
    const char* data = text.data() ? text.data() : "";
    if (sqlite3_bind_text(statement_, next_++, data, static_cast<int>(text.size()), SQLITE_TRANSIENT) != SQLITE_OK) {
        fail(handle_, sqlite3_sql(statement_));
    }
    return *this;
}

Statement& Statement::bind(std::int64_t number) {
    if (sqlite3_bind_int64(statement_, next_++, number) != SQLITE_OK) fail(handle_, sqlite3_sql(statement_));
    return *this;
}

Statement& Statement::bindNull() {
    if (sqlite3_bind_null(statement_, next_++) != SQLITE_OK) fail(handle_, sqlite3_sql(statement_));
    return *this;
}

bool Statement::step() {
    switch (sqlite3_step(statement_)) {
        case SQLITE_ROW: return true;
        case SQLITE_DONE: return false;
        default: fail(handle_, sqlite3_sql(statement_));
    }
}

std::string Statement::text(int column) const {
    const unsigned char* data = sqlite3_column_text(statement_, column);
    if (data == nullptr) return {};
    return {reinterpret_cast<const char*>(data), static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_, column); }

bool Statement::isNull(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

}  // namespace devc::engine
