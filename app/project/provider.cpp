#include "app/project/provider.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <exception>
#include <optional>
#include <spawn.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "engine/digest.h"
#include "engine/error.h"
#include "engine/linux/pipe.h"
#include "engine/linux/process.h"

namespace devc::app {
namespace {

using compose::Service;
using engine::Error;
using Variables = std::map<std::string, std::string>;

std::string findProgram(const Service& service) {
    const std::string& type = service.provider->type;
    const char* home = std::getenv("HOME");
    const char* config = std::getenv("DOCKER_CONFIG");
    std::vector<std::string> candidates;
    if (config) candidates.push_back(std::string(config) + "/cli-plugins/docker-" + type);
    else if (home) candidates.push_back(std::string(home) + "/.docker/cli-plugins/docker-" + type);
    for (const char* folder : {"/usr/local/lib/docker", "/usr/local/libexec/docker", "/usr/lib/docker", "/usr/libexec/docker"})
        candidates.push_back(std::string(folder) + "/cli-plugins/docker-" + type);
    const char* path = std::getenv("PATH");
    for (std::string_view rest = path ? path : ""; !rest.empty();) {
        const std::size_t colon = std::min(rest.find(':'), rest.size());
        if (colon > 0) candidates.push_back(std::string(rest.substr(0, colon)) + "/" + type);
        rest.remove_prefix(std::min(colon + 1, rest.size()));
    }
    if (type.find('/') == std::string::npos)
        for (const std::string& candidate : candidates)
            if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    throw Error::of("service {}: there is no program for the provider {}", service.name, type)
        .hint(fmt::format("it is looked for as `docker-{}` among Docker's CLI plugins and as `{}` in PATH", type, type));
}

/// A program whose stdout is read; its stderr is the caller's.
class Called {
public:
    explicit Called(const std::vector<std::string>& words) {
        auto [reader, writer] = engine::makePipe();
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", 0, 0);
        ::posix_spawn_file_actions_adddup2(&actions, writer.get(), STDOUT_FILENO);
        std::vector<char*> arguments;
        for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
        arguments.push_back(nullptr);
        const int failure = ::posix_spawn(&pid_, words.front().c_str(), &actions, nullptr, arguments.data(), environ);
        ::posix_spawn_file_actions_destroy(&actions);
        if (failure != 0) throw engine::SystemError("start " + words.front(), failure);
        output_ = std::move(reader);
    }
    ~Called() {
        output_.reset();
        if (pid_ > 0) engine::waitFor(pid_);
    }
    Called(const Called&) = delete;

    /// The next line; nothing at the end.
    std::optional<std::string> line() {
        for (;;) {
            if (const std::size_t newline = buffer_.find('\n'); newline != std::string::npos) return take(newline + 1);
            char chunk[4096];
            const ssize_t got = ::read(output_.get(), chunk, sizeof chunk);
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) return buffer_.empty() ? std::nullopt : std::optional(take(buffer_.size()));
            buffer_.append(chunk, static_cast<std::size_t>(got));
            if (buffer_.size() > longest) throw Error::of("a provider wrote a line of more than {} bytes", longest);
        }
    }

    int finish() {
        const pid_t pid = std::exchange(pid_, 0);
        return engine::waitFor(pid).number();
    }

private:
    static constexpr std::size_t longest = 1U << 20U;

    std::string take(std::size_t size) {
        std::string result = buffer_.substr(0, size);
        buffer_.erase(0, size);
        return result;
    }

    pid_t pid_ = 0;
    engine::Fd output_;
    std::string buffer_;
};

std::vector<std::string> commandLine(const std::string& program, const compose::Project& project, const Service& service, const char* verb) {
    std::vector<std::string> words = {program, "compose", "--project-name=" + project.name, verb};
    for (const auto& [key, values] : service.provider->options)
        for (const std::string& value : values) words.push_back(fmt::format("--{}={}", key, value));
    words.push_back(service.name);
    return words;
}

/// What the program sets. Throws what it says is wrong.
Variables call(const compose::Project& project, const Service& service, const char* verb, Progress& progress) {
    const std::string id = "Service " + service.name;
    Variables variables;
    Called program(commandLine(findProgram(service), project, service, verb));
    while (const auto line = program.line()) {
        if (line->find_first_not_of(" \t\r\n") == std::string::npos) continue;
        const nlohmann::json message = nlohmann::json::parse(*line, nullptr, false);
        const auto text = [&](const char* key) { return message.is_object() && message.contains(key) && message[key].is_string() ? message[key].get<std::string>() : std::string(); };
        const std::string type = text("type"), said = text("message");
        if (type == "error") throw Error::of("service {}: {}", service.name, said);
        else if (type == "info") progress.working(id, said);
        else if (type == "setenv" && said.find('=') != std::string::npos) variables[said.substr(0, said.find('='))] = said.substr(said.find('=') + 1);
        else if (type != "debug") throw Error::of("service {}: invalid response from the provider {}: {}", service.name, service.provider->type, *line);
    }
    if (const int status = program.finish(); status != 0) throw Error::of("service {}: the provider {} ended with status {}", service.name, service.provider->type, status);
    return variables;
}

Variables callShown(const compose::Project& project, const Service& service, const char* verb, const char* before, const char* after, Progress& progress) {
    const std::string id = "Service " + service.name;
    progress.working(id, before);
    try {
        Variables variables = call(project, service, verb, progress);
        progress.done(id, after);
        return variables;
    } catch (const Error& error) {
        progress.event({id, "Error", ProgressState::Error, {}, error.what()});
        throw;
    }
}

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

void giveTo(Service& service, const std::string& provider, const Variables& variables) {
    for (const auto& [key, value] : variables) {
        const std::string name = upper(provider) + "_" + key;
        service.environment[name] = value;
        service.configHash = engine::sha256Hex(service.configHash + name + "=" + value);
    }
}

}  // namespace

bool hasProvided(const compose::Project& project) {
    return std::any_of(project.services.begin(), project.services.end(), [](const auto& service) { return service.second.provider.has_value(); });
}

void bringUpProvided(compose::Project& project, Progress& progress) {
    for (const auto& [name, service] : project.services) {
        if (!service.provider) continue;
        const Variables variables = callShown(project, service, "up", "Starting", "Started", progress);
        for (auto& [other, dependent] : project.services)
            if (dependent.dependsOn.contains(name)) giveTo(dependent, name, variables);
    }
}

void takeDownProvided(const compose::Project& project, Progress& progress) {
    std::exception_ptr failure;
    for (const auto& [name, service] : project.services) {
        if (!service.provider) continue;
        try {
            callShown(project, service, "down", "Removing", "Removed", progress);
        } catch (const Error&) {
            if (!failure) failure = std::current_exception();
        }
    }
    if (failure) std::rethrow_exception(failure);
}

}  // namespace devc::app
