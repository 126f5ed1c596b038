#pragma once
#include <string>

namespace devc::app {

/// Text as it stands in an XML element or attribute (SVG), control characters made visible.
std::string xmlText(const std::string& text);

}  // namespace devc::app
