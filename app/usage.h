#pragma once
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace devc::app {

/// What is wrong with a command line, and what to write instead.
struct UsageProblem {
    std::string message;  ///< "unknown flag: --foo", "unknown command: devc container lss"
    std::string hint;     ///< "did you mean `ls`?", or where the flags are listed
};

/// What the parser refused, in docker's words. `root` is what parsed.
UsageProblem explain(const CLI::ParseError& error, const CLI::App& root);

/// A first word that is no command; `names` are the commands there are.
UsageProblem unknownCommand(const std::string& word, const std::vector<std::string>& names);

/// How `--help` looks: `Usage: devc run [OPTIONS] SERVICE [COMMAND] [ARG...]`.
std::shared_ptr<CLI::Formatter> helpFormat();

/// `help`, `help up` and `help container run` as `--help`, `up --help` and `container run --help`; any other line as it is.
std::vector<std::string> helpAsFlag(const CLI::App& root, std::vector<std::string> arguments);

}  // namespace devc::app
