#include "engine/network/socket_owner.h"

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <set>
#include <sstream>

#include "engine/error.h"
#include "engine/linux/fd.h"

namespace devc::engine {

namespace fs = std::filesystem;

namespace {

constexpr unsigned timeWait = 6;  // TCP_TIME_WAIT of include/net/tcp_states.h

/// Inodes of the sockets on the port, from one table of /proc/net (proc_net_tcp.rst).
void collectInodes(const std::string& table, std::uint16_t port, std::set<std::string>& inodes) {
    std::string content;
    try {
        content = readFile("/proc/net/" + table);
    } catch (const SystemError&) {
        return;  // a kernel without this protocol
    }
    std::istringstream lines(content);
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
        unsigned localPort = 0, state = 0;
        char inode[32];
        int found = std::sscanf(line.c_str(), " %*s %*[0-9A-Fa-f]:%x %*s %x %*s %*s %*s %*s %*s %31s", &localPort, &state, inode);
        if (found == 3 && localPort == port && state != timeWait) inodes.insert(inode);
    }
}

bool holdsOne(const fs::path& process, const std::set<std::string>& inodes) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(process / "fd", error)) {
        std::string target = fs::read_symlink(entry.path(), error).string();
        if (!target.starts_with("socket:[")) continue;
        if (inodes.contains(target.substr(8, target.size() - 9))) return true;
    }
    return false;
}

}  // namespace

std::optional<SocketOwner> ownerOfPort(const std::string& protocol, std::uint16_t port) {
    std::set<std::string> inodes;
    collectInodes(protocol, port, inodes);
    collectInodes(protocol + "6", port, inodes);
    if (inodes.empty()) return {};
    std::error_code error;
    for (const auto& entry : fs::directory_iterator("/proc", error)) {
        std::string name = entry.path().filename().string();
        pid_t pid = 0;
        auto [end, failure] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (failure != std::errc() || end != name.data() + name.size() || !holdsOne(entry.path(), inodes)) continue;
        std::string command;
        try {
            command = readFile(entry.path().string() + "/comm");
        } catch (const SystemError&) {
            continue;  // it has just ended
        }
        while (!command.empty() && command.back() == '\n') command.pop_back();
        return SocketOwner{true, pid, command};
    }
    return SocketOwner{};
}

}  // namespace devc::engine
