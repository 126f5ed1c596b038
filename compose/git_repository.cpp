#include "compose/git_repository.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>

#include "compose/remote.h"

namespace devc::compose {
namespace {

namespace fs = std::filesystem;

bool isCommit(std::string_view text) { return text.size() == 40 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos; }

/// A descriptor that is closed with its owner.
struct Descriptor {
    int number = -1;
    ~Descriptor() { close(); }
    void close() {
        if (number >= 0) ::close(number);
        number = -1;
    }
};

/// git, without questions to a terminal and only with protocols that reach a repository.
class Git {
public:
    explicit Git(const StringMap& outer) {
        StringMap all = outer;
        all["GIT_TERMINAL_PROMPT"] = "0";
        all["GIT_ALLOW_PROTOCOL"] = "https:http:ssh:git:file";
        for (const auto& [key, value] : all) environment_.push_back(key + "=" + value);
    }

    /// What it prints. Throws std::runtime_error with what it complained about.
    std::string run(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), "git");
        Descriptor reads, writes;
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
        reads.number = ends[0];
        writes.number = ends[1];
        pid_t process = start(arguments, writes.number);
        writes.close();
        std::string output = readAll(reads.number);
        int status = 0;
        while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {}
        while (output.ends_with('\n')) output.pop_back();
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            throw std::runtime_error(fmt::format("git {} failed: {}", arguments[arguments[1] == "-C" ? 3 : 1], output.empty() ? "no such reference" : output));
        }
        return output;
    }

private:
    pid_t start(std::vector<std::string>& arguments, int output) const {
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
        ::posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
        std::vector<std::string> environment = environment_;
        std::vector<char*> words = pointers(arguments);
        std::vector<char*> variables = pointers(environment);
        pid_t process = 0;
        int error = ::posix_spawnp(&process, "git", &actions, nullptr, words.data(), variables.data());
        ::posix_spawn_file_actions_destroy(&actions);
        if (error != 0) throw std::runtime_error(fmt::format("cannot run git: {}", std::generic_category().message(error)));
        return process;
    }

    static std::vector<char*> pointers(std::vector<std::string>& texts) {
        std::vector<char*> all;
        for (std::string& text : texts) all.push_back(text.data());
        all.push_back(nullptr);
        return all;
    }

    static std::string readAll(int descriptor) {
        std::string text;
        std::array<char, 4096> buffer{};
        while (true) {
            ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) return text;
            text.append(buffer.data(), static_cast<std::size_t>(count));
        }
    }

    std::vector<std::string> environment_;
};

std::string commitOf(const Git& git, const GitReference& wanted) {
    if (isCommit(wanted.reference)) return wanted.reference;
    std::string commit = git.run({"ls-remote", "--exit-code", "--", wanted.repository, wanted.reference}).substr(0, 40);
    if (!isCommit(commit)) throw std::runtime_error(fmt::format("{} has no {}", wanted.repository, wanted.reference));
    return commit;
}

std::string fileIn(const fs::path& place, const std::string& path) {
    fs::path found = fs::weakly_canonical(place / path);
    if (fs::is_directory(found)) {
        for (const char* name : {"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"}) {
            if (!fs::exists(found / name)) continue;
            found = fs::weakly_canonical(found / name);
            break;
        }
    }
    std::string inside = fs::canonical(place).string() + "/";
    if (!found.string().starts_with(inside)) throw std::runtime_error(fmt::format("{} is outside the repository", path));
    if (!fs::is_regular_file(found)) throw std::runtime_error(fmt::format("the repository has no compose file {}", path));
    return found.string();
}

}  // namespace

std::optional<GitReference> parseGitReference(std::string_view text) {
    if (!isRemote(text) || text.starts_with("oci:")) return std::nullopt;
    std::size_t hash = text.find('#');
    GitReference reference;
    reference.repository = std::string(text.substr(0, hash));
    std::string_view fragment = hash == std::string_view::npos ? std::string_view() : text.substr(hash + 1);
    std::size_t colon = fragment.find(':');
    reference.reference = std::string(fragment.substr(0, colon));
    if (colon != std::string_view::npos) reference.path = std::string(fragment.substr(colon + 1));
    if (reference.reference.empty()) reference.reference = "HEAD";
    if (reference.reference.starts_with('-')) throw std::runtime_error(fmt::format("{} is no branch, tag or commit", reference.reference));
    return reference;
}

std::string fetchFromGit(const GitReference& wanted, const std::string& folder, const StringMap& environment, const Tell& tell) {
    Git git(environment);
    std::string commit = commitOf(git, wanted);
    tell(fmt::format("{} is at commit {}", wanted.repository, commit));
    std::string place = makeWhole(folder, commit, [&](const std::string& aside) {
        git.run({"-C", aside, "init", "--quiet"});
        git.run({"-C", aside, "fetch", "--quiet", "--depth=1", "--no-tags", "--", wanted.repository, commit});
        git.run({"-C", aside, "checkout", "--quiet", "--detach", commit});
    });
    return fileIn(place, wanted.path);
}

}  // namespace devc::compose
