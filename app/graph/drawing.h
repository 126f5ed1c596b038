#pragma once
#include <string>
#include <vector>

namespace devc::app {

struct DrawnBox {
    std::string id;
    int column = 0;                  ///< from left to right
    std::vector<std::string> lines;  ///< the first is the name
};

/// From the right of a box to the left of one in a later column.
struct DrawnArrow {
    std::string from, to;  ///< ids; one that is no box's is left out
    std::string label;     ///< above the arrow's end
    bool dashed = false;
    bool head = true;
};

/// A picture as SVG: columns as wide as their widest box, in a column the boxes one below the other in the order given. Pure.
std::string drawSvg(const std::string& title, const std::vector<DrawnBox>& boxes, const std::vector<DrawnArrow>& arrows);

/// A string of the DOT language.
std::string dotString(const std::string& text);

}  // namespace devc::app
