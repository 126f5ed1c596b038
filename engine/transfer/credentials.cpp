#include "engine/transfer/credentials.h"

#include <cstdlib>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <nlohmann/json.hpp>
#include <openssl/evp.h>

#include "engine/error.h"
#include "engine/json.h"
#include "engine/linux/fd.h"

extern char** environ;

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

std::string configFile() {
    if (const char* folder = std::getenv("DOCKER_CONFIG"); folder && *folder) return std::string(folder) + "/config.json";
    const char* home = std::getenv("HOME");
    return home && *home ? std::string(home) + "/.docker/config.json" : "";
}

/// Protocol of docker-credential-helpers: the registry on stdin of `get`, JSON on stdout.
std::optional<Credentials> fromHelper(const std::string& helper, const std::string& key) {
    if (helper.find('/') != std::string::npos) return std::nullopt;
    int in[2], out[2];
    if (::pipe2(in, O_CLOEXEC) != 0) throw SystemError("pipe", errno);
    Fd inRead(in[0]), inWrite(in[1]);
    if (::pipe2(out, O_CLOEXEC) != 0) throw SystemError("pipe", errno);
    Fd outRead(out[0]), outWrite(out[1]);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, inRead.get(), 0);
    posix_spawn_file_actions_adddup2(&actions, outWrite.get(), 1);
    std::string program = "docker-credential-" + helper, verb = "get";
    char* arguments[] = {program.data(), verb.data(), nullptr};
    pid_t pid = 0;
    int failed = ::posix_spawnp(&pid, program.c_str(), &actions, nullptr, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) throw SystemError("run " + program, failed);
    outWrite.reset();
    inRead.reset();
    writeAll(inWrite.get(), key);
    inWrite.reset();
    std::string answer = readFile("/proc/self/fd/" + std::to_string(outRead.get()));
    int status = 0;
    ::waitpid(pid, &status, 0);
    if (status != 0) return std::nullopt;
    json found = parseJson(answer, "the answer of " + program);
    Credentials credentials{found.value("Username", ""), found.value("Secret", ""), ""};
    if (credentials.user == "<token>") credentials.identityToken = credentials.password;
    return credentials;
}

std::optional<Credentials> fromEntry(const json& entry) {
    if (!entry.is_object()) return std::nullopt;
    Credentials credentials;
    credentials.identityToken = entry.value("identitytoken", "");
    std::optional<std::string> both = decoded(entry.value("auth", ""));
    std::size_t colon = both ? both->find(':') : std::string::npos;
    if (colon != std::string::npos) {
        credentials.user = both->substr(0, colon);
        credentials.password = both->substr(colon + 1);
    } else {
        credentials.user = entry.value("username", "");
        credentials.password = entry.value("password", "");
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

std::optional<Credentials> credentialsFor(const std::string& domain) {
    std::string path = configFile();
    if (path.empty() || ::access(path.c_str(), R_OK) != 0) return std::nullopt;
    json config = parseJson(readFile(path), path);
    if (!config.is_object()) return std::nullopt;
    std::vector<std::string> keys = {domain, "https://" + domain, "http://" + domain, "https://" + domain + "/v1/", "https://" + domain + "/v2/"};
    if (domain == "docker.io") keys = {"https://index.docker.io/v1/", "docker.io", "index.docker.io"};
    json helpers = config.value("credHelpers", json::object());
    for (const std::string& key : keys) {
        if (auto helper = helpers.find(key); helper != helpers.end() && helper->is_string()) return fromHelper(helper->get<std::string>(), key);
    }
    json entries = config.value("auths", json::object());
    for (const std::string& key : keys) {
        auto entry = entries.find(key);
        if (entry == entries.end()) continue;
        if (auto credentials = fromEntry(*entry)) return credentials;
    }
    std::string helper = config.value("credsStore", "");
    return helper.empty() ? std::nullopt : fromHelper(helper, keys.front());
}

}  // namespace devc::engine::transfer
