#include "app/ui/xml.h"

#include "app/ui/table.h"

namespace devc::app {

std::string xmlText(const std::string& text) {
    std::string safe;
    for (char c : escapeControls(text)) {
        switch (c) {
            case '&': safe += "&amp;"; break;
            case '<': safe += "&lt;"; break;
            case '>': safe += "&gt;"; break;
            case '"': safe += "&quot;"; break;
            default: safe += c;
        }
    }
    return safe;
}

}  // namespace devc::app
