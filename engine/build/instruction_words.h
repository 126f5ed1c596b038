#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "engine/build/instruction.h"

namespace devc::engine::build {

/// Takes `--name=value` from the head of `rest`; what follows stays in it.
std::vector<Flag> takeFlags(std::string_view& rest);
/// Words separated by white space; quotes and escapes hold them together and stay in them.
std::vector<std::string> quotedWords(std::string_view text, char escape);
std::vector<std::string> plainWords(std::string_view text);
std::string_view trimmed(std::string_view text);
/// Length in bytes of the white space character at `at`, Unicode's included (a no-break space splits words too); 0: none.
std::size_t spaceAt(std::string_view text, std::size_t at);
/// With U+FFFD in place of what is no UTF-8.
std::string validUtf8(const std::string& text);
std::string upperCase(std::string_view text);
std::string lowerCase(std::string_view text);

}  // namespace devc::engine::build
