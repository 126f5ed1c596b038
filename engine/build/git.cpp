#include "engine/build/git.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fcntl.h>
#include <vector>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/linux/fd.h"
#include "engine/linux/remove_tree.h"

extern char** environ;

namespace devc::engine::build {

namespace {

bool isCommit(std::string_view text) {
    return text.size() >= 40 && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isxdigit(c); });
}

/// Runs git and returns what it printed; its errors go into the message.
std::string git(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"git", "-c", "protocol.ext.allow=never", "-c", "core.hooksPath=/dev/null", "-c", "advice.detachedHead=false"});
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw SystemError("make a pipe", errno);
    const Fd read(ends[0]);
    Fd write(ends[1]);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, write.get(), 1);
    posix_spawn_file_actions_adddup2(&actions, write.get(), 2);
    setenv("GIT_TERMINAL_PROMPT", "0", 1);
    pid_t child = 0;
    const int error = posix_spawnp(&child, "git", &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw SystemError("start git", error).hint("install the package git: a git repository is a source of the build");
    write.reset();
    std::string output;
    char buffer[4096];
    for (ssize_t n; (n = readSome(read.get(), buffer, sizeof buffer)) != 0;) {
        if (n < 0) break;
        output.append(buffer, static_cast<std::size_t>(n));
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        while (!output.empty() && output.back() == '\n') output.pop_back();
        throw Error::of("git failed: {}", output.substr(output.rfind('\n') + 1));
    }
    return output;
}

bool truth(const std::string& key, const std::string& value) {
    if (value.empty() || value == "1" || value == "true") return true;
    if (value == "0" || value == "false") return false;
    throw Error::of("invalid value of {} in the address of a git repository: {}", key, value);
}

/// "?branch=dev&subdir=docs" behind the address.
void readQuery(GitSource& source, std::string_view query) {
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view field = query.substr(0, end);
        query.remove_prefix(std::min(query.size(), end + 1));
        const std::size_t equals = field.find('=');
        const std::string key(field.substr(0, equals)), value(equals == std::string_view::npos ? "" : field.substr(equals + 1));
        if (key == "ref" || key == "branch" || key == "tag") {
            if (!source.reference.empty()) throw Error::of("the address of a git repository names two references: {} and {}", source.reference, value);
            source.reference = key == "branch" ? "refs/heads/" + value : key == "tag" ? "refs/tags/" + value : value;
        } else if (key == "subdir") source.folder = value;
        else if (key == "commit" || key == "checksum") source.commit = value;
        else if (key == "keep-git-dir") source.keepGit = truth(key, value);
        else if (key == "submodules") source.submodules = truth(key, value);
        else throw Error::of("unexpected query \"{}\" in the address of a git repository", key).hint("ref, branch, tag, subdir, commit, keep-git-dir and submodules are known");
    }
}

}  // namespace

std::optional<GitSource> GitSource::parse(std::string_view text) {
    const std::size_t hash = text.find('#');
    GitSource source;
    source.url = text.substr(0, hash);
    const std::size_t question = source.url.find('?');
    const std::string query = question == std::string::npos ? "" : source.url.substr(question + 1);
    source.url.resize(std::min(question, source.url.size()));
    const bool named = text.starts_with("git://") || text.starts_with("git@") || text.starts_with("ssh://") || text.starts_with("github.com/");
    const bool http = (text.starts_with("http://") || text.starts_with("https://")) && source.url.ends_with(".git");
    if (!named && !http) return std::nullopt;
    if (source.url.starts_with("github.com/")) source.url = "https://" + source.url;
    if (hash != std::string_view::npos) {
        const std::string_view fragment = text.substr(hash + 1);
        const std::size_t colon = fragment.find(':');
        source.reference = fragment.substr(0, colon);
        if (colon != std::string_view::npos) source.folder = fragment.substr(colon + 1);
    }
    readQuery(source, query);
    if (source.reference.empty() && !source.commit.empty()) source.reference = source.commit;
    if (source.reference.starts_with('-')) throw Error::of("invalid git reference: {}", source.reference);
    return source;
}

namespace {

std::string expected(const GitSource& source, const std::string& commit) {
    if (!commit.starts_with(source.commit)) throw Error::of("expected checksum to match {}, got {}", source.commit, commit).during("{}", source.url);
    return commit;
}

}  // namespace

std::string resolveCommit(const GitSource& source) {
    if (isCommit(source.reference)) return expected(source, source.reference);
    const std::string wanted = source.reference.empty() ? "HEAD" : source.reference;
    const std::string listed = git({"ls-remote", "--", source.url, wanted, wanted + "^{}"});
    std::string commit;
    for (std::size_t at = 0; at < listed.size();) {
        const std::size_t end = std::min(listed.find('\n', at), listed.size());
        const std::string line = listed.substr(at, end - at);
        at = end + 1;
        const std::string id = line.substr(0, line.find('\t'));
        if (isCommit(id)) commit = id;  // a tag's own commit comes last
    }
    if (commit.empty()) throw Error::of("repository {} does not contain ref {}", source.url, wanted);
    return expected(source, commit);
}

void checkOut(const GitSource& source, const std::filesystem::path& folder, bool keepGit) {
    const std::string commit = resolveCommit(source);
    const std::string target = folder.string();
    git({"init", "--quiet", target});
    git({"-C", target, "remote", "add", "origin", source.url});
    const std::string wanted = source.reference.empty() ? "HEAD" : source.reference;
    git({"-C", target, "fetch", "--quiet", "--depth=1", "origin", isCommit(wanted) ? commit : wanted});
    git({"-C", target, "checkout", "--quiet", "--force", "FETCH_HEAD"});
    if (source.submodules) git({"-C", target, "submodule", "--quiet", "update", "--init", "--recursive", "--depth=1"});
    if (!keepGit) removeTree(folder / ".git");
}

}  // namespace devc::engine::build
