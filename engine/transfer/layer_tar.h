#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace devc::engine::transfer {

/// Takes the bytes of an archive as they are made. May throw.
using Sink = std::function<void(std::string_view)>;

/// Writes `folder` (an overlayfs upper folder) as an uncompressed layer: pax tar, names sorted, no owner names, times in
/// whole seconds, hard links and extended attributes kept, overlay whiteouts as `.wh.` entries. The same content gives
/// the same bytes. Returns the bytes of regular files. Throws Error.
std::uint64_t writeLayer(const std::string& folder, const Sink& sink);

/// Writes what `object` (O_PATH suffices) is and all below it as it is now, under the name `as`; a folder with an empty `as`
/// gives its content. As writeLayer, but there are no whiteouts. Other processes may change the tree meanwhile: no symbolic
/// link is followed. Throws Error.
void writeTree(int object, const std::string& as, const Sink& sink);

/// Small archives of files in memory and on disk: what `save` writes.
class TarWriter {
public:
    explicit TarWriter(Sink sink);
    ~TarWriter();
    TarWriter(const TarWriter&) = delete;
    TarWriter& operator=(const TarWriter&) = delete;
    void folder(const std::string& name);
    void text(const std::string& name, std::string_view content);
    void file(const std::string& name, const std::string& path);
    void finish();

private:
    struct Impl;
    Impl* impl_;
};

}  // namespace devc::engine::transfer
