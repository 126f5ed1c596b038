#include "engine/transfer/tar_reader.h"

#include "engine/error.h"
#include "engine/transfer/root_folder.h"

namespace devc::engine::transfer {

TarReader::TarReader(Source& source) : source_(source), archive_(archive_read_new()) {
    archive_read_support_format_tar(archive_.get());
    archive_read_support_format_empty(archive_.get());
    if (archive_read_open(archive_.get(), this, nullptr, &feed, nullptr) != ARCHIVE_OK) fail();
}

archive_entry* TarReader::next() {
    archive_entry* entry = nullptr;
    int result = archive_read_next_header(archive_.get(), &entry);
    if (result == ARCHIVE_EOF) return nullptr;
    if (result < ARCHIVE_WARN || archive_entry_pathname(entry) == nullptr) fail();
    return entry;
}

bool TarReader::block(const void*& data, std::size_t& size, la_int64_t& offset) {
    int result = archive_read_data_block(archive_.get(), &data, &size, &offset);
    if (result == ARCHIVE_EOF) return false;
    if (result < ARCHIVE_WARN) fail();
    return true;
}

void TarReader::fail() {
    if (problem_) std::rethrow_exception(problem_);
    const char* reason = archive_error_string(archive_.get());
    throw Error::of("it is no valid tar archive: {}", printable(reason ? reason : "unknown"));
}

la_ssize_t TarReader::feed(archive* handle, void* self, const void** data) {
    auto* reader = static_cast<TarReader*>(self);
    try {
        std::string_view chunk = reader->source_.read();
        *data = chunk.data();
        return static_cast<la_ssize_t>(chunk.size());
    } catch (...) {
        reader->problem_ = std::current_exception();
        archive_set_error(handle, ARCHIVE_FATAL, "input failed");
        return -1;
    }
}

}  // namespace devc::engine::transfer
