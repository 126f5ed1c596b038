#include "engine/network/name_table.h"

#include <algorithm>
#include <ctime>
#include <fcntl.h>
#include <sys/stat.h>

#include "engine/linux/fd.h"

namespace devc::engine {

namespace {

constexpr std::string_view heading = "network ";
constexpr std::size_t fixedFields = 4;  // id, both addresses, name of the container

bool isWord(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) > ' ' && c != '\x7f'; });
}

std::string_view orDash(const std::string& text) { return text.empty() ? "-" : std::string_view(text); }
std::string withoutDash(std::string_view text) { return text == "-" ? std::string() : std::string(text); }

/// Calls `each` with every part of `text` between separators.
template <typename Each>
void split(std::string_view text, char separator, Each&& each) {
    for (std::size_t begin = 0; begin <= text.size();) {
        std::size_t end = std::min(text.find(separator, begin), text.size());
        if (end > begin) each(text.substr(begin, end - begin));
        begin = end + 1;
    }
}

}  // namespace

std::string encodeNameTable(const NameTable& table) {
    std::string text = std::string(heading) + table.network + '\n';
    for (const NameEntry& entry : table.entries) {
        if (!isWord(entry.containerName)) continue;
        text.append(entry.id).append(" ").append(orDash(entry.ipv4)).append(" ").append(orDash(entry.ipv6));
        text.append(" ").append(entry.containerName);
        for (const std::string& name : entry.names) {
            if (isWord(name)) text.append(" ").append(name);
        }
        text += '\n';
    }
    return text;
}

void writeNameTable(const std::filesystem::path& folder, const std::string& network, const NameTable& table) {
    std::filesystem::create_directories(folder / network);
    replaceFile((folder / network / "names").string(), encodeNameTable(table));
    // The exact time: the kernel's own is that of its last tick, which two changes may share.
    timespec now[2]{};
    ::clock_gettime(CLOCK_REALTIME, &now[0]);
    now[1] = now[0];
    ::utimensat(AT_FDCWD, folder.c_str(), now, 0);
}

NameTable decodeNameTable(std::string_view text) {
    NameTable table;
    split(text, '\n', [&](std::string_view line) {
        if (line.starts_with(heading)) {
            table.network = line.substr(heading.size());
            return;
        }
        std::vector<std::string_view> fields;
        split(line, ' ', [&](std::string_view field) { fields.push_back(field); });
        if (fields.size() < fixedFields) return;
        NameEntry entry{std::string(fields[0]), withoutDash(fields[1]), withoutDash(fields[2]), std::string(fields[3]), {}};
        entry.names.assign(fields.begin() + fixedFields, fields.end());
        table.entries.push_back(std::move(entry));
    });
    return table;
}

}  // namespace devc::engine
