#include "engine/image/transfer_process.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/linux/memory_file.h"
#include "engine/linux/process.h"

namespace devc::engine {

using nlohmann::json;

namespace {

/// Gives each whole line of what comes through `descriptor` to `line`.
template <typename Line>
void eachLine(int descriptor, Line&& line) {
    std::string pending;
    char chunk[8192];
    for (;;) {
        ssize_t got = readSome(descriptor, chunk, sizeof chunk);
        if (got <= 0) break;
        pending.append(chunk, static_cast<std::size_t>(got));
        std::size_t begin = 0;
        for (std::size_t end; (end = pending.find('\n', begin)) != std::string::npos; begin = end + 1)
            line(std::string_view(pending).substr(begin, end - begin));
        pending.erase(0, begin);
    }
}

/// Ends the helper when the caller goes by an exception.
struct Running {
    pid_t pid;
    ~Running() {
        if (pid <= 0) return;
        ::kill(pid, SIGKILL);
        waitFor(pid);
    }
};

[[noreturn]] void rethrow(const json& problem) {
    auto fill = [&](auto error) {
        for (const json& line : problem.value("details", json::array())) error.detail(line.get<std::string>());
        for (const json& line : problem.value("hints", json::array())) error.hint(line.get<std::string>());
        error.status(problem.value("status", 1));
        return error;
    };
    std::string message = problem.value("message", "");
    if (problem.value("kind", "") == "not found") throw fill(NotFound(message));
    throw fill(Error(message));
}

}  // namespace

json transfer(const Host& host, const std::string& verb, json request, const TransferEnds& ends) {
    request["state"] = host.stateDir.string();
    Fd requestFile = memoryFile("request", request.dump());
    int pipeEnds[2];
    if (::pipe2(pipeEnds, O_CLOEXEC) != 0) throw SystemError("pipe", errno);
    Fd reading(pipeEnds[0]), writing(pipeEnds[1]);
    Fd program = openFile(host.transferProgram().string(), O_PATH);

    SpawnRequest start;
    start.program = program.get();
    start.arguments = {"devc-transfer", verb};
    start.descriptors = {ends.input, ends.output, 2, requestFile.get(), writing.get()};
    Running helper{spawn(start)};
    writing.reset();

    json result, problem;
    eachLine(reading.get(), [&](std::string_view line) {
        json message = json::parse(line, nullptr, false);
        if (!message.is_object()) return;
        if (message.contains("result")) result = std::move(message);
        else if (message.contains("error")) problem = message["error"];
        else if (const json& step = message.value("progress", json()); ends.progress && step.is_array() && step.size() == 4)
            ends.progress(step[0], step[1], step[2], step[3]);
    });
    ExitStatus status = waitFor(std::exchange(helper.pid, 0));
    if (!problem.is_null()) rethrow(problem);
    if (result.is_null()) throw Error::of("devc-transfer {} was ended (status {})", verb, status.number());
    return result["result"];
}

}  // namespace devc::engine
