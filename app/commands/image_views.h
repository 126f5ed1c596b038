#pragma once
#include "app/commands/commands.h"

namespace devc::app {

/// What shows images: flags and callback of `image ls`, `image history`, `image inspect`.
void addImageLs(CLI::App& command, Context& context);
void addImageHistory(CLI::App& command, Context& context);
void addImageTree(CLI::App&, Context&);    // image_tree.cpp
void addImageDiff(CLI::App&, Context&);
void addImageSearch(CLI::App&, Context&);  // image_search.cpp
void addImageInspect(CLI::App& command, Context& context);

}  // namespace devc::app
