#include "engine/transfer/credentials.h"

#include <cerrno>
#include <cstdlib>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <openssl/evp.h>

#include "engine/error.h"
#include "engine/json.h"
#include "engine/linux/fd.h"
#include "engine/transfer/credential_helper.h"

namespace devc::engine::transfer {

using nlohmann::json;

namespace {

std::optional<std::string> decoded(const std::string& text) {
    std::vector<unsigned char> bytes(text.size() / 4 * 3 + 3);
    int size = EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    if (size < 0) return std::nullopt;
    std::string out(bytes.begin(), bytes.begin() + size);
    while (!out.empty() && out.back() == '\0') out.pop_back();  // what '=' stood for
    return out;
}

std::filesystem::path placeOfFile() {
    if (const char* folder = std::getenv("DOCKER_CONFIG"); folder && *folder) return std::filesystem::path(folder) / "config.json";
    const char* home = std::getenv("HOME");
    return std::filesystem::path(home && *home ? home : "/root") / ".docker" / "config.json";
}

/// Under which a registry's credentials may stand; the first is the one for new ones.
std::vector<std::string> keysOf(const std::string& domain) {
    if (domain == "docker.io") return {"https://index.docker.io/v1/", "docker.io", "index.docker.io", "registry-1.docker.io"};
    return {domain, "https://" + domain, "http://" + domain, "https://" + domain + "/", "https://" + domain + "/v1/", "https://" + domain + "/v2/"};
}

std::string text(const json& entry, const char* name) {
    const auto found = entry.find(name);
    return found != entry.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const json& object(const json& content, const char* name) {
    static const json none = json::object();
    const auto found = content.find(name);
    return found != content.end() && found->is_object() ? *found : none;
}

void makeFolders(const std::filesystem::path& folder) {
    if (folder.empty() || std::filesystem::is_directory(folder)) return;
    makeFolders(folder.parent_path());
    if (::mkdir(folder.c_str(), 0700) != 0) throw SystemError("create " + folder.string(), errno);
}

std::optional<Credentials> fromEntry(const json& entry) {
    if (!entry.is_object()) return std::nullopt;
    Credentials credentials;
    credentials.identityToken = text(entry, "identitytoken");
    std::optional<std::string> both = decoded(text(entry, "auth"));
    std::size_t colon = both ? both->find(':') : std::string::npos;
    if (colon != std::string::npos) {
        credentials.user = both->substr(0, colon);
        credentials.password = both->substr(colon + 1);
    } else {
        credentials.user = text(entry, "username");
        credentials.password = text(entry, "password");
    }
    if (credentials.user.empty() && credentials.identityToken.empty()) return std::nullopt;
    return credentials;
}

}  // namespace

std::string base64(const std::string& bytes) {
    std::string text(bytes.size() / 3 * 4 + 5, '\0');
    int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), reinterpret_cast<const unsigned char*>(bytes.data()),
                               static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::string basicAuthorization(const Credentials& credentials) { return "Basic " + base64(credentials.user + ":" + credentials.password); }

KeptCredentials keptCredentials(const std::string& domain) {
    try {
        return {CredentialFile::read().find(domain), ""};
    } catch (const Error& error) {
        return {std::nullopt, error.what()};
    }
}

CredentialFile CredentialFile::read() {
    CredentialFile file;
    file.path_ = placeOfFile();
    if (::access(file.path_.c_str(), F_OK) != 0) return file;
    const std::string content = readFile(file.path_.string());
    if (content.find_first_not_of(" \t\r\n") == std::string::npos) return file;
    file.content_ = parseJson(content, file.path_.string());
    if (!file.content_.is_object()) throw Error::of("{} is not a JSON object", file.path_.string());
    return file;
}

std::string CredentialFile::ownHelperOf(const std::string& domain) const {
    const json& helpers = object(content_, "credHelpers");
    for (const std::string& key : keysOf(domain))
        if (std::string helper = text(helpers, key.c_str()); !helper.empty()) return helper;
    return {};
}

std::string CredentialFile::helperOf(const std::string& domain) const {
    const std::string own = ownHelperOf(domain);
    return own.empty() ? text(content_, "credsStore") : own;
}

std::optional<Credentials> CredentialFile::find(const std::string& domain) const {
    if (ownHelperOf(domain).empty()) {
        const json& entries = object(content_, "auths");
        for (const std::string& key : keysOf(domain)) {
            const auto entry = entries.find(key);
            if (entry == entries.end()) continue;
            if (auto credentials = fromEntry(*entry)) return credentials;
        }
    }
    const std::string helper = helperOf(domain);
    return helper.empty() ? std::nullopt : CredentialHelper(helper).get(keysOf(domain).front());
}

void CredentialFile::store(const std::string& domain, const Credentials& credentials) {
    const std::string key = keysOf(domain).front();
    json entry = json::object();
    if (const std::string helper = helperOf(domain); !helper.empty()) {
        CredentialHelper(helper).store(key, credentials);  // the entry stays empty: it says that there is one
    } else {
        entry["auth"] = base64(credentials.user + ":" + (credentials.identityToken.empty() ? credentials.password : ""));
        if (!credentials.identityToken.empty()) entry["identitytoken"] = credentials.identityToken;
    }
    content_["auths"][key] = entry;
    write();
}

bool CredentialFile::erase(const std::string& domain) {
    bool found = false;
    if (const std::string helper = helperOf(domain); !helper.empty()) {
        found = CredentialHelper(helper).get(keysOf(domain).front()).has_value();
        CredentialHelper(helper).erase(keysOf(domain).front());
    }
    bool changed = false;
    if (const auto entries = content_.find("auths"); entries != content_.end() && entries->is_object())
        for (const std::string& key : keysOf(domain)) changed = entries->erase(key) > 0 || changed;
    if (changed) write();
    return found || changed;
}

void CredentialFile::write() const {
    std::filesystem::path target = path_;
    if (std::filesystem::is_symlink(target)) target = std::filesystem::weakly_canonical(target);
    makeFolders(target.parent_path());
    writeFileAtomically(target.string(), content_.dump(1, '\t') + "\n", 0600, true);
}

}  // namespace devc::engine::transfer
