#pragma once
#include <exception>

#include <archive.h>
#include <archive_entry.h>

#include "engine/transfer/archive_handle.h"
#include "engine/transfer/source.h"

namespace devc::engine::transfer {

/// libarchive's tar reader over a Source. Throws Error when it is no tar or is damaged, and what the source throws.
class TarReader {
public:
    explicit TarReader(Source& source);
    TarReader(const TarReader&) = delete;

    /// The next entry, valid until the next call; nullptr at the end.
    archive_entry* next();
    /// The next piece of the entry's data and its place in the file; false at the end.
    bool block(const void*& data, std::size_t& size, la_int64_t& offset);

private:
    [[noreturn]] void fail();
    static la_ssize_t feed(archive* handle, void* self, const void** data);

    Source& source_;
    std::exception_ptr problem_;
    ArchiveHandle archive_;
};

}  // namespace devc::engine::transfer
