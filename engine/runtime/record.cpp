#include "engine/runtime/record.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/linux/fd.h"
#include "engine/linux/process.h"

namespace devc::engine::runtime {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

/// As runc's: what can be the name of a folder and nothing else.
void checkId(const std::string& id) {
    const auto fits = [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '+' || c == '-' || c == '.'; };
    if (id.empty() || id == "." || id == ".." || id.size() > 1024 || !std::all_of(id.begin(), id.end(), fits)) throw Error::of("invalid container ID \"{}\"", id);
}

}  // namespace

const char* nameOf(Life life) {
    switch (life) {
        case Life::Created: return "created";
        case Life::Running: return "running";
        case Life::Paused: return "paused";
        case Life::Stopped: break;
    }
    return "stopped";
}

void Records::reserve(const std::string& id) const {
    checkId(id);
    fs::create_directories(root_);
    if (::mkdir((root_ / id).c_str(), 0700) != 0) {
        if (errno == EEXIST) throw Error::of("container with id {} already exists", id);
        throw SystemError("make " + (root_ / id).string(), errno);
    }
    if (::mkfifo(gateOf(id).c_str(), 0600) != 0) throw SystemError("make the gate of the container", errno);
}

void Records::save(const Record& record) const {
    const json text = {{"id", record.id}, {"bundle", record.bundle}, {"rootfs", record.rootfs}, {"cgroup", record.cgroup}, {"created", record.created},
                       {"pid", record.pid}, {"startTime", record.startTime}, {"annotations", record.annotations}};
    writeFileAtomically((root_ / record.id / "state.json").string(), text.dump(-1, ' ', false, json::error_handler_t::replace));
}

Record Records::load(const std::string& id) const {
    checkId(id);
    const std::string file = (root_ / id / "state.json").string();
    if (::access(file.c_str(), R_OK) != 0) throw Error::of("container {} does not exist", id);
    try {
        const json text = json::parse(readFile(file));
        Record record;
        text.at("id").get_to(record.id);
        text.at("bundle").get_to(record.bundle);
        text.at("rootfs").get_to(record.rootfs);
        text.at("cgroup").get_to(record.cgroup);
        text.at("created").get_to(record.created);
        text.at("pid").get_to(record.pid);
        text.at("startTime").get_to(record.startTime);
        text.at("annotations").get_to(record.annotations);
        return record;
    } catch (const json::exception& error) {
        throw Error::of("{} is no record of a container: {}", file, error.what());
    }
}

std::vector<Record> Records::all() const {
    std::vector<Record> records;
    std::error_code missing;
    for (const auto& entry : fs::directory_iterator(root_, missing))
        if (::access((entry.path() / "state.json").c_str(), R_OK) == 0) records.push_back(load(entry.path().filename()));
    return records;
}

void Records::erase(const std::string& id) const { fs::remove_all(root_ / id); }

Life Records::lifeOf(const Record& record) const {
    if (startTimeOf(record.pid) != record.startTime) return Life::Stopped;
    if (::access(gateOf(record.id).c_str(), F_OK) == 0) return Life::Created;
    return record.groups()->isFrozen() ? Life::Paused : Life::Running;
}

}  // namespace devc::engine::runtime
