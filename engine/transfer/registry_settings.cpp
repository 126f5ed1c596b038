#include "engine/transfer/registry_settings.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstdlib>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/json.h"
#include "engine/linux/fd.h"

namespace devc::engine::transfer {

using nlohmann::json;

namespace {

constexpr const char* dockerFolder = "/etc/docker";
constexpr unsigned mostParallel = 32;

std::filesystem::path ownFolder() {
    const char* folder = std::getenv("DEVC_CONFIG_DIR");
    return folder && *folder ? folder : "/etc/devc";
}

std::string withoutPort(const std::string& domain) {
    const std::size_t colon = domain.rfind(':');
    const bool port = colon != std::string::npos && domain.find(']', colon) == std::string::npos;
    std::string host = port ? domain.substr(0, colon) : domain;
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    return host;
}

/// An address as 16 bytes; IPv4 in the form ::ffff:a.b.c.d.
bool parseAddress(const std::string& text, std::array<unsigned char, 16>& bytes) {
    bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (::inet_pton(AF_INET, text.c_str(), bytes.data() + 12) == 1) return true;
    return ::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

/// Whether `host` is an address within "10.0.0.0/8".
bool isWithin(const std::string& host, const std::string& network) {
    const std::size_t slash = network.find('/');
    std::array<unsigned char, 16> address{}, base{};
    if (slash == std::string::npos || !parseAddress(host, address) || !parseAddress(network.substr(0, slash), base)) return false;
    unsigned bits = 0;
    std::from_chars(network.data() + slash + 1, network.data() + network.size(), bits);
    if (network.find(':') == std::string::npos) bits += 96;
    for (unsigned bit = 0; bit < std::min(bits, 128U); ++bit) {
        const int mask = 0x80 >> (bit % 8);
        if ((address[bit / 8] & mask) != (base[bit / 8] & mask)) return false;
    }
    return true;
}

/// One configuration file, read key by key.
class File {
public:
    explicit File(std::filesystem::path path) : path_(std::move(path)) {
        if (::access(path_.c_str(), F_OK) != 0) return;
        content_ = parseJson(readFile(path_.string()), path_.string());
        if (!content_.is_object()) throw Error::of("{} is not a JSON object", path_.string());
    }

    void texts(const char* key, std::vector<std::string>& into) const {
        const json* value = find(key);
        if (value == nullptr) return;
        if (!value->is_array() || !std::all_of(value->begin(), value->end(), [](const json& one) { return one.is_string(); }))
            throw Error::of("{}: {} is not a list of strings", path_.string(), key);
        for (const json& one : *value) into.push_back(one.get<std::string>());
    }

    void mirrors(std::vector<std::string>& into) const {
        std::vector<std::string> urls;
        texts("registry-mirrors", urls);
        for (std::string& url : urls) {
            const bool web = url.starts_with("https://") || url.starts_with("http://");
            if (!web || url.find_first_of("?#@ ") != std::string::npos)
                throw Error::of("{}: the registry mirror '{}' is not of the form https://HOST[:PORT]", path_.string(), url);
            while (url.ends_with('/')) url.pop_back();
            into.push_back(std::move(url));
        }
    }

    void count(const char* key, unsigned& into) const {
        const json* value = find(key);
        if (value == nullptr) return;
        if (!value->is_number_unsigned() || *value == 0) throw Error::of("{}: {} is not a number from 1", path_.string(), key);
        into = static_cast<unsigned>(std::min<std::uint64_t>(value->get<std::uint64_t>(), mostParallel));
    }

private:
    const json* find(const char* key) const {
        const auto found = content_.find(key);
        return found == content_.end() || found->is_null() ? nullptr : &*found;
    }

    std::filesystem::path path_;
    json content_ = json::object();
};

void addListed(const char* variable, std::vector<std::string>& into) {
    const char* value = std::getenv(variable);
    std::string_view rest = value ? value : "";
    while (!rest.empty()) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        if (comma > 0) into.emplace_back(rest.substr(0, comma));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
}

}  // namespace

RegistrySettings RegistrySettings::load() {
    RegistrySettings settings;
    const std::filesystem::path own = ownFolder();
    for (const std::filesystem::path& path : {own / "config.json", std::filesystem::path(dockerFolder) / "daemon.json"}) {
        const File file(path);
        file.mirrors(settings.mirrors);
        file.texts("insecure-registries", settings.insecure);
        file.texts("credential-realms", settings.realms);
    }
    // The last one read counts: devc's own.
    for (const std::filesystem::path& path : {std::filesystem::path(dockerFolder) / "daemon.json", own / "config.json"}) {
        const File file(path);
        file.count("max-concurrent-downloads", settings.downloads);
        file.count("max-concurrent-uploads", settings.uploads);
    }
    addListed("DEVC_INSECURE_REGISTRIES", settings.insecure);
    settings.certificates = {own / "certs.d", std::filesystem::path(dockerFolder) / "certs.d"};
    return settings;
}

bool RegistrySettings::isInsecure(const std::string& domain) const {
    if (isLoopback(domain)) return true;
    const std::string host = withoutPort(domain);
    return std::any_of(insecure.begin(), insecure.end(), [&](const std::string& one) { return one == domain || one == host || isWithin(host, one); });
}

std::filesystem::path RegistrySettings::certificatesOf(const std::string& domain) const {
    if (domain.find('/') != std::string::npos || domain.starts_with('.')) return {};
    std::error_code missing;
    for (const std::filesystem::path& folder : certificates)
        if (std::filesystem::is_directory(folder / domain, missing)) return folder / domain;
    return {};
}

bool isLoopback(const std::string& domain) {
    const std::string host = withoutPort(domain);
    return host == "localhost" || host.ends_with(".localhost") || isWithin(host, "127.0.0.0/8") || host == "::1";
}

}  // namespace devc::engine::transfer
