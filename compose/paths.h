#pragma once
#include <string>
#include <string_view>

#include "compose/schema/schema.h"
#include "compose/source/node.h"

namespace devc::compose {

/// Folder and relative path as one, without "." and ".." parts ("a/../b" is "b"). An absolute `path` stays.
std::string joinPath(std::string_view folder, std::string_view path);
/// All but the last part: "/a/b" -> "/a", "b" -> ".".
std::string folderOf(std::string_view path);
/// The last part.
std::string_view baseName(std::string_view path);

/// Makes all paths of a tree in long form relative to `folder`, as the schema says which are paths; "~" is `home`.
void resolvePaths(Node& node, const schema::Shape& shape, const std::string& folder, const std::string& home);

}  // namespace devc::compose
