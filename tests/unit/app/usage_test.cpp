#include <doctest/doctest.h>

#include "app/arguments.h"
#include "app/usage.h"

using namespace devc::app;

namespace {

/// The words of a command line.
std::vector<std::string> wordsOf(const std::string& line) { return CLI::detail::split_up(line); }

/// A root with `up [-d] [-t SECONDS] [SERVICE...]`, `run SERVICE [COMMAND] [ARG...]` and `container (ls | rm CONTAINER)`.
struct Program {
    CLI::App root{"", "devc"};
    std::string text;
    std::vector<std::string> words;
    bool detach = false;

    Program() {
        root.formatter(helpFormat());
        root.fallthrough();
        root.add_option("-f,--file", text);
        CLI::App* up = root.add_subcommand("up", "Start");
        up->add_flag("-d,--detach", detach);
        up->add_option("-t,--timeout", text);
        up->add_option("service", words);
        CLI::App* run = root.add_subcommand("run", "Run");
        run->add_option("service", words)->required();
        run->positionals_at_end();
        CLI::App* container = root.add_subcommand("container", "Containers");
        container->add_subcommand("ls", "List");
        container->add_subcommand("rm", "Remove")->add_option("container", words)->required();
        container->require_subcommand(1);
    }
    /// "message | hint" of what is wrong with the line.
    std::string problem(const std::string& line) {
        std::vector<std::string> arguments = wordsOf(line);
        try {
            root.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
        } catch (const CLI::ParseError& error) {
            const UsageProblem problem = explain(error, root);
            return problem.message + " | " + problem.hint;
        }
        return "none";
    }
};

}  // namespace

TEST_CASE("a flag that there is not is named, with the nearest one") {
    CHECK(Program().problem("up --detatch") == "unknown flag: --detatch | did you mean `--detach`?");
    CHECK(Program().problem("up --detatch=true web") == "unknown flag: --detatch | did you mean `--detach`?");
    CHECK(Program().problem("up -x") == "unknown flag: -x | `devc up --help` lists the flags");
    CHECK(Program().problem("container ls --fil a") == "unknown flag: --fil | did you mean `--file`?");
}

TEST_CASE("a subcommand that there is not is named, with the nearest one") {
    CHECK(Program().problem("container lss") == "unknown command: devc container lss | did you mean `ls`?");
    CHECK(Program().problem("container something") == "unknown command: devc container something | `devc container --help` lists the commands");
    CHECK(Program().problem("container") == "devc container needs a command | `devc container --help` lists the commands");
}

TEST_CASE("what is missing is said with the command") {
    CHECK(Program().problem("run") == "devc run needs SERVICE | `devc run --help` lists the flags");
    CHECK(Program().problem("container rm") == "devc container rm needs CONTAINER | `devc container rm --help` lists the flags");
    CHECK(Program().problem("up -t") == "flag needs an argument: --timeout | `devc up --help` lists the flags");
}

TEST_CASE("an argument too many is named") {
    CHECK(Program().problem("container ls web") == "unexpected argument: web | `devc container ls --help` lists the flags");
}

TEST_CASE("a first word that is no command is named, with the nearest one") {
    CHECK(unknownCommand("pss", {"up", "ps"}).message == "unknown command: devc pss");
    CHECK(unknownCommand("pss", {"up", "ps"}).hint == "did you mean `ps`?");
    CHECK(unknownCommand("frobnicate", {"up", "ps"}).hint == "`devc --help` lists the commands");
}

TEST_CASE("help is a word for --help") {
    const Program program;
    const auto line = [&](const std::string& text) { return CLI::detail::join(helpAsFlag(program.root, wordsOf(text)), " "); };
    CHECK(line("help") == "--help");
    CHECK(line("help up") == "up --help");
    CHECK(line("help container rm") == "container rm --help");
    CHECK(line("-f help up") == "-f help up");
    CHECK(line("-f help help up") == "-f help up --help");
    CHECK(line("run web help") == "run web help");
}

TEST_CASE("the usage line shows what is taken and what may be left out") {
    Program program;
    const auto usage = [&](const std::string& name) {
        const std::string text = subcommandOf(program.root, name)->help("devc");
        const std::size_t at = text.find("Usage:");
        return text.substr(at, text.find('\n', at) - at);
    };
    CHECK(usage("up") == "Usage: devc up [OPTIONS] [SERVICE...]");
    CHECK(usage("run") == "Usage: devc run [OPTIONS] SERVICE [COMMAND] [ARG...]");
}
