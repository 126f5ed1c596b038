#include "engine/transfer/credential_helper.h"

#include <cerrno>
#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/json.h"
#include "engine/linux/fd.h"
#include "engine/linux/memory_file.h"
#include "engine/linux/process.h"
#include "engine/transfer/root_folder.h"

extern char** environ;

namespace devc::engine::transfer {

namespace {

constexpr const char* tokenUser = "<token>";  // the secret is an identity token

class SpawnActions {
public:
    SpawnActions() { posix_spawn_file_actions_init(&actions_); }
    ~SpawnActions() { posix_spawn_file_actions_destroy(&actions_); }
    SpawnActions(const SpawnActions&) = delete;
    void duplicate(int from, int to) { posix_spawn_file_actions_adddup2(&actions_, from, to); }
    const posix_spawn_file_actions_t* get() const { return &actions_; }

private:
    posix_spawn_file_actions_t actions_;
};

}  // namespace

CredentialHelper::CredentialHelper(const std::string& name) : program_("docker-credential-" + name) {
    if (name.find('/') != std::string::npos) throw Error::of("the credential helper '{}' is no name of a program", printable(name));
}

std::string CredentialHelper::run(std::string verb, const std::string& input, bool& good) const {
    const Fd in = memoryFile("credentials", input);
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw SystemError("pipe", errno);
    const Fd reading(ends[0]);
    Fd writing(ends[1]);
    SpawnActions actions;
    actions.duplicate(in.get(), STDIN_FILENO);
    actions.duplicate(writing.get(), STDOUT_FILENO);
    std::string program = program_;
    char* arguments[] = {program.data(), verb.data(), nullptr};
    pid_t child = 0;
    if (const int failed = ::posix_spawnp(&child, program.c_str(), actions.get(), nullptr, arguments, environ); failed != 0)
        throw SystemError("run " + program_, failed);
    writing.reset();
    std::string answer = readFile("/proc/self/fd/" + std::to_string(reading.get()));
    good = waitFor(child).number() == 0;
    return answer;
}

void CredentialHelper::fail(const std::string& said) const {
    throw Error::of("{} failed{}", program_, said.empty() ? "" : ": " + printable(said.substr(0, said.find('\n'))));
}

std::optional<Credentials> CredentialHelper::get(const std::string& server) const {
    bool good = false;
    const std::string answer = run("get", server, good);
    if (!good && answer.find("credentials not found") != std::string::npos) return std::nullopt;
    if (!good) fail(answer);
    const nlohmann::json found = parseJson(answer, "the answer of " + program_);
    if (!found.is_object()) fail("its answer is no JSON object");
    Credentials credentials{found.value("Username", ""), found.value("Secret", ""), ""};
    if (credentials.user == tokenUser) credentials.identityToken = credentials.password;
    return credentials;
}

void CredentialHelper::store(const std::string& server, const Credentials& credentials) const {
    const bool token = !credentials.identityToken.empty();
    const nlohmann::json entry = {{"ServerURL", server},
                                  {"Username", token ? tokenUser : credentials.user},
                                  {"Secret", token ? credentials.identityToken : credentials.password}};
    bool good = false;
    const std::string answer = run("store", entry.dump(), good);
    if (!good) fail(answer);
}

void CredentialHelper::erase(const std::string& server) const {
    bool good = false;
    const std::string answer = run("erase", server, good);
    if (!good && answer.find("credentials not found") == std::string::npos) fail(answer);
}

}  // namespace devc::engine::transfer
