// login, logout: who the user is at a registry.
#include <memory>
#include <termios.h>
#include <unistd.h>

#include <cstdio>

#include "app/commands/commands.h"
#include "app/commands/noun.h"
#include "engine/engine.h"
#include "engine/error.h"
#include "engine/image/registries.h"
#include "engine/linux/fd.h"

namespace devc::app {
namespace {

using engine::Error;

/// What is typed is not shown while this lives.
class NoEcho {
public:
    NoEcho() {
        ::tcgetattr(STDIN_FILENO, &before_);
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    ~NoEcho() { ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }
    NoEcho(const NoEcho&) = delete;

private:
    termios before_{};
};

/// One line, byte by byte: what follows it belongs to whoever reads next.
std::string readLine() {
    std::string line;
    for (char c = 0; ::read(STDIN_FILENO, &c, 1) == 1 && c != '\n';) line += c;
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

std::string ask(const std::string& question, bool secret) {
    if (::isatty(STDIN_FILENO) != 1) throw Error("cannot ask for credentials: standard input is no terminal").hint("use --username and --password-stdin");
    std::fputs(question.c_str(), stderr);
    if (!secret) return readLine();
    const NoEcho silence;
    std::string answer = readLine();
    std::fputc('\n', stderr);
    return answer;
}

std::string passwordFromInput() {
    constexpr std::size_t longest = 1 << 20;
    std::string text;
    char chunk[4096];
    for (ssize_t got = 0; text.size() < longest && (got = ::read(STDIN_FILENO, chunk, sizeof chunk)) > 0;) text.append(chunk, static_cast<std::size_t>(got));
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    return text;
}

struct LoginFlags {
    std::string user, password, server;
    bool fromInput = false, inArgument = false;
};

void login(Context& context, LoginFlags flags) {
    if (flags.inArgument && flags.fromInput) throw Error("--password and --password-stdin are mutually exclusive");
    if (flags.fromInput && flags.user.empty()) throw Error("Must provide --username with --password-stdin");
    if (flags.inArgument) std::fputs("WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n", stderr);
    if (flags.fromInput) flags.password = passwordFromInput();
    if (flags.user.empty() && ::isatty(STDIN_FILENO) == 1) flags.user = ask("Username: ", false);
    if (!flags.user.empty() && flags.password.empty() && !flags.fromInput) flags.password = ask("Password: ", true);
    if (!flags.user.empty() && flags.password.empty()) throw Error("password required");
    const engine::Login done = engine::login(context.engine().host(), flags.server, flags.user, flags.password);
    if (!done.helper)
        std::fputs(("WARNING! Your credentials are stored unencrypted in '" + done.file + "'.\nA credential helper, named there as credsStore, keeps them safe.\n").c_str(), stderr);
    out("Login Succeeded\n");
}

}  // namespace

void addLogin(CLI::App& parent, Context& context) {
    const auto flags = std::make_shared<LoginFlags>();
    CLI::App* command = parent.add_subcommand("login", "Authenticate to a registry");
    command->add_option("-u,--username", flags->user, "Username");
    CLI::Option* password = command->add_option("-p,--password", flags->password, "Password or personal access token");
    command->add_flag("--password-stdin", flags->fromInput, "Take the password from stdin");
    command->add_option("server", flags->server, "HOST[:PORT]; docker.io if there is none");
    command->callback([flags, password, &context] {
        flags->inArgument = password->count() > 0;
        login(context, *flags);
    });
}

void addLogout(CLI::App& parent, Context& context) {
    const auto server = std::make_shared<std::string>();
    CLI::App* command = parent.add_subcommand("logout", "Log out from a registry");
    command->add_option("server", *server, "HOST[:PORT]; docker.io if there is none");
    command->callback([server, &context] {
        const std::string registry = engine::registryOf(*server);
        const std::string name = registry == "docker.io" ? "https://index.docker.io/v1/" : registry;
        if (engine::logout(context.engine().host(), *server)) out("Removing login credentials for " + name + "\n");
        else out("Not logged in to " + name + "\n");
    });
}

}  // namespace devc::app
