#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/build/source_lines.h"
#include "engine/spec.h"

namespace devc::engine::build {

enum class Verb {
    From, Run, Copy, Add, Env, Arg, Label, Expose, Volume, User, Workdir, Entrypoint, Cmd, Shell, StopSignal, Healthcheck, OnBuild,
    Maintainer
};
std::string_view nameOf(Verb);  ///< "FROM"

struct Flag {
    std::string name, value;
    bool hasValue = false;
};

struct KeyValue {
    std::string key, value;
    bool hasValue = true;
};

/// An instruction, its grammar checked, variables not yet replaced. Which members are used follows from the verb.
struct Instruction {
    Verb verb = Verb::Run;
    std::string text;      ///< as written, on one line
    std::string keyword;   ///< as written: "run"
    int first = 0, last = 0;
    std::vector<Flag> flags;
    bool json = false;                   ///< the arguments were a JSON array: RUN, CMD, ENTRYPOINT exec form
    std::vector<std::string> arguments;  ///< sources and destination; exec form; or the single text of the shell form
    std::vector<KeyValue> pairs;         ///< ENV, LABEL, ARG
    bool legacyPair = false;             ///< ENV a b
    std::vector<Heredoc> heredocs;
    HealthCheck health;
    bool emptyContinuation = false;

    /// Last value of a flag; nullptr if it was not given.
    const Flag* flag(std::string_view name) const;
    std::vector<std::string> all(std::string_view name) const;
    /// A flag without a value is true; throws Error for anything but true and false.
    bool enabled(std::string_view name, bool absent = false) const;
};

/// Checks and takes apart one line. Throws Error at its line.
Instruction parseInstruction(const SourceLine& line, char escape);

/// A JSON array of strings, or nullopt. Throws Error for an array of something else.
std::optional<std::vector<std::string>> parseJsonList(std::string_view text);

/// "1h30m", "500ms" as Go writes durations; nullopt if it is none.
std::optional<Nanoseconds> parseDuration(std::string_view text);

/// The candidate that `name` was probably meant to be: differs in few letters; empty if there is none.
std::string nearest(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace devc::engine::build
