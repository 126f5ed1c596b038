#pragma once
#include <memory>

#include <archive.h>

namespace devc::engine::transfer {

struct ArchiveFreed {
    void operator()(archive* handle) const { archive_free(handle); }
};
/// libarchive's reader or writer: freed also where what it is a part of is never complete, because opening it failed. Closing
/// a writer calls back: declare it after what the callback uses.
using ArchiveHandle = std::unique_ptr<archive, ArchiveFreed>;

}  // namespace devc::engine::transfer
