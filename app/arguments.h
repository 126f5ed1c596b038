#pragma once
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace devc::app {

/// Where the first argument stands that is neither a flag of `app` nor the value of one; their number if there is none.
std::size_t commandPosition(const CLI::App& app, const std::vector<std::string>& arguments);
/// The first argument that is neither a flag of `app` nor the value of one: the command. Empty if there is none.
std::string findCommand(const CLI::App& app, const std::vector<std::string>& arguments);

/// Rewrites what docker's parser understands and CLI11 does not, up to the first argument of the program that is run:
/// `--flag=` (an empty value) and `-f=value`.
std::vector<std::string> normalizeArguments(CLI::App& root, const std::vector<std::string>& arguments);

/// True if the value of the flag `argument` is the next argument: "--file", "-f", and "-df" where f is the first flag with a
/// value; not "--file=x", "-fx", nor a switch.
bool valueFollows(const CLI::App& app, const std::string& argument);

/// The subcommand of that name, or nullptr.
CLI::App* subcommandOf(CLI::App& app, const std::string& name);

}  // namespace devc::app
