#include "engine/monitor/host_lookup.h"

#include <algorithm>
#include <array>

#include <arpa/nameser.h>
#include <resolv.h>

#include "engine/error.h"
#include "engine/linux/fd.h"

namespace devc::engine {

namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view nextWord(std::string_view& line) {
    size_t begin = std::min(line.find_first_not_of(blanks), line.size());
    line.remove_prefix(begin);
    std::string_view word = line.substr(0, line.find_first_of(blanks));
    line.remove_prefix(word.size());
    return word;
}

/// The resolver's state of this call.
class NameServers {
public:
    NameServers() {
        if (::res_ninit(&state_) != 0) throw Error("read /etc/resolv.conf: it cannot be read");
        state_.retrans = state_.retry = 1;
    }
    ~NameServers() { ::res_nclose(&state_); }
    NameServers(const NameServers&) = delete;
    NameServers& operator=(const NameServers&) = delete;

    std::optional<IpAddress> ask(const std::string& name, ns_type type) {
        std::array<unsigned char, 4096> reply{};
        int size = ::res_nsearch(&state_, name.c_str(), ns_c_in, type, reply.data(), reply.size());
        ns_msg message;
        if (size < 0 || ::ns_initparse(reply.data(), std::min(size, static_cast<int>(reply.size())), &message) != 0) return {};
        for (int number = 0; number < ns_msg_count(message, ns_s_an); ++number) {
            ns_rr record;
            if (::ns_parserr(&message, ns_s_an, number, &record) != 0) return {};
            bool v6 = type == ns_t_aaaa;
            if (ns_rr_type(record) == type && ns_rr_rdlen(record) == (v6 ? 16 : 4)) return IpAddress::fromBytes(ns_rr_rdata(record), v6);
        }
        return {};
    }

private:
    struct __res_state state_{};
};

}  // namespace

std::optional<IpAddress> findInHosts(std::string_view hosts, std::string_view name) {
    while (!hosts.empty()) {
        std::string_view line = hosts.substr(0, hosts.find('\n'));
        hosts.remove_prefix(std::min(line.size() + 1, hosts.size()));
        line = line.substr(0, line.find('#'));
        std::string_view address = nextWord(line);
        for (std::string_view word = nextWord(line); !word.empty(); word = nextWord(line)) {
            if (word != name) continue;
            if (std::optional<IpAddress> found = IpAddress::parse(address)) return found;
        }
    }
    return {};
}

std::optional<IpAddress> lookUpHost(const std::string& name) {
    if (std::optional<IpAddress> address = IpAddress::parse(name)) return address;
    try {
        if (std::optional<IpAddress> address = findInHosts(readFile("/etc/hosts"), name)) return address;
    } catch (const SystemError&) {
        // A machine without the file still has name servers.
    }
    if (name == "localhost") return IpAddress::parse("127.0.0.1");
    NameServers servers;
    if (std::optional<IpAddress> address = servers.ask(name, ns_t_a)) return address;
    return servers.ask(name, ns_t_aaaa);
}

}  // namespace devc::engine
