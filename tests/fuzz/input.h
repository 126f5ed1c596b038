#pragma once
#include <string_view>

/// What every target defines: a parser is given `text` and either understands it or throws the exception that says why
/// not. Anything else (another exception, a signal, a sanitizer's report, no end, too much memory) is a defect.
void fuzz(std::string_view text);
