#include "engine/network/name_table.h"

#include <algorithm>
#include <string_view>

namespace devc::engine {

namespace {

bool isWord(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) > ' ' && c != '\x7f'; });
}

std::string_view orDash(const std::string& text) { return text.empty() ? "-" : std::string_view(text); }

}  // namespace

std::string encodeNameTable(const std::string& network, const std::vector<NameEntry>& entries) {
    std::string text = "network " + network + '\n';
    for (const NameEntry& entry : entries) {
        if (!isWord(entry.containerName)) continue;
        text.append(orDash(entry.ipv4)).append(" ").append(orDash(entry.ipv6)).append(" ").append(entry.containerName);
        for (const std::string& name : entry.names) {
            if (isWord(name)) text.append(" ").append(name);
        }
        text += '\n';
    }
    return text;
}

}  // namespace devc::engine
