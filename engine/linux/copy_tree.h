#pragma once

namespace devc::engine {

/// Copies the content of the folder `from` into the folder `to` (descriptors): files, links (hard ones too), devices, with
/// owner, mode, times and extended attributes, and those of the folder itself. What exists in `to` is replaced if it is a
/// file in `from`. No symbolic link is followed. Throws SystemError naming the entry.
void copyTree(int from, int to);

}  // namespace devc::engine
