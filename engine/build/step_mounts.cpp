#include "engine/build/step_mounts.h"

#include <cstdlib>
#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/build/cache_mounts.h"
#include "engine/build/place.h"
#include "engine/build/step_folder.h"
#include "engine/digest.h"
#include "engine/error.h"
#include "engine/linux/mount.h"
#include "engine/linux/plain_file.h"

namespace devc::engine::build {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t largestSecret = std::size_t{64} << 20;  ///< bytes
constexpr unsigned keep = ~0U;  ///< for chown: leave it as it is

/// What `source` names below an origin, put into `folder`: returns the path that is bound.
std::string materialize(const FileTree& tree, const RunMount& mount, const fs::path& folder) {
    const std::vector<Selected> found = select(tree, mount.source.empty() ? "." : mount.source, {false, {}, false}, mount.from ? mount.from->label() : "");
    const Fd root = openFile(folder.string(), O_RDONLY | O_DIRECTORY);
    Placer placer(root.get(), std::nullopt, std::nullopt);
    const Selected& selected = found.front();
    if (selected.node.isFolder()) {
        placer.copy(tree, selected, "/");
        if (chown(folder.c_str(), selected.node.info.st_uid, selected.node.info.st_gid) != 0) throw SystemError("prepare the mount " + mount.target, errno);
        chmod(folder.c_str(), selected.node.info.st_mode & 07777);
        return folder.string();
    }
    placer.copy(tree, {"file", selected.node, {}}, "/");
    return (folder / "file").string();
}

const BuildSecret* findSecret(const BuildRequest& request, const std::string& id) {
    for (const BuildSecret& secret : request.secrets)
        if (secret.id == id) return &secret;
    return nullptr;
}

std::string valueOf(const BuildSecret& secret) {
    if (!secret.environment.empty()) {
        const char* value = getenv(secret.environment.c_str());
        if (value == nullptr) throw Error::of("secret {}: the variable {} is not set", secret.id, secret.environment);
        return value;
    }
    try {
        return readAtMost(secret.file, largestSecret);
    } catch (Error& error) {
        throw error.during("reading secret {}", secret.id);
    }
}

}  // namespace

StepMounts::StepMounts(Workshop& shop, const RunStep& step, const std::map<const Operation*, Snapshot>& inputs, const StepFolder& folder)
    : shop_(shop), inputs_(inputs), folder_(folder) {
    for (const RunMount& mount : step.mounts) {
        switch (mount.kind) {
            case MountKind::Bind: bind(mount); break;
            case MountKind::Cache: cache(mount); break;
            case MountKind::Secret: secret(mount); break;
            case MountKind::Ssh: agent(mount); break;
            case MountKind::Tmpfs: {
                std::vector<std::string> options = {"nosuid", "nodev", "mode=1777"};
                if (mount.size > 0) options.push_back(fmt::format("size={}", mount.size));
                mounts_.push_back({"tmpfs", "tmpfs", mount.target, options});
                break;
            }
        }
    }
    script(step);
}

/// "PATH-N" that is not there yet: a shell in a failed step has the mounts of its program once more.
fs::path StepMounts::unused(const fs::path& path) {
    fs::path numbered;
    do numbered = fmt::format("{}-{}", path.string(), count_++);
    while (fs::exists(numbered));
    return numbered;
}

std::string StepMounts::newFolder(const char* kind) {
    const fs::path path = unused(folder_.folder() / kind);
    fs::create_directories(path);
    chmod(path.c_str(), 0755);
    return path.string();
}

void StepMounts::add(const std::string& source, const std::string& target, bool readOnly) {
    mounts_.push_back({"bind", source, target, {"rbind", "rprivate", readOnly ? "ro" : "rw"}});
}

void StepMounts::bind(const RunMount& mount) {
    if (mount.from->operation) return bindStage(mount, inputs_.at(mount.from->operation.get()));
    add(materialize(shop_.context(mount.from->context), mount, newFolder("context")), mount.target, mount.readOnly);
}

void StepMounts::bindStage(const RunMount& mount, const Snapshot& snapshot) {
    const auto node = shop_.files(snapshot).find(mount.source, true);
    if (!node) throw Error::of("\"/{}\": not found in {}", mount.source, mount.from->label());
    Attached view{snapshot.lowers(shop_.host()), {}, {}, newFolder("stage")};
    if (view.lowers.empty()) view.lowers.push_back(newFolder("empty"));
    if (mount.readOnly && view.lowers.size() == 1) {
        add(view.lowers.front() + "/" + node->path, mount.target, true);
        return;
    }
    if (!mount.readOnly) {
        view.upper = newFolder("upper");
        view.work = newFolder("work");
    }
    add(view.target + "/" + node->path, mount.target, mount.readOnly);
    attached_.push_back(std::move(view));
}

void StepMounts::cache(const RunMount& mount) {
    const fs::path store = cacheMountsOf(shop_.host());
    fs::create_directories(store);
    const std::string name = sha256Hex(mount.id + (mount.from && mount.from->operation ? "\n" + mount.from->operation->definition() : ""));
    for (int number = 0;; ++number) {
        const fs::path folder = store / (number == 0 ? name : name + "-" + std::to_string(number));
        Fd lock = openFile(folder.string() + ".lock", O_RDWR | O_CREAT, 0600);
        const int operation = mount.sharing == Sharing::Shared ? LOCK_SH : mount.sharing == Sharing::Locked ? LOCK_EX : LOCK_EX | LOCK_NB;
        while (flock(lock.get(), operation) != 0) {
            if (errno == EWOULDBLOCK) break;
            if (errno != EINTR) throw SystemError("lock the cache " + mount.id, errno);
        }
        if (operation == (LOCK_EX | LOCK_NB) && flock(lock.get(), operation) != 0) continue;  // in use: the next one
        if (!fs::exists(folder)) {
            const fs::path fresh = newFolder("cache");
            if (mount.from && mount.from->operation) materialize(shop_.files(inputs_.at(mount.from->operation.get())), mount, fresh);
            else if (mount.from) materialize(shop_.context(mount.from->context), mount, fresh);
            // A folder that something was copied into keeps what that has, unless it is said.
            const bool seeded = mount.from.has_value();
            if (chown(fresh.c_str(), mount.user.value_or(seeded ? keep : 0), mount.group.value_or(seeded ? keep : 0)) != 0)
                throw SystemError("prepare the cache " + mount.id, errno);
            if (mount.mode || !seeded) chmod(fresh.c_str(), mount.mode.value_or(0755));
            std::error_code ignored;
            fs::rename(fresh, folder, ignored);  // of two, the first one stays
        }
        add(folder.string(), mount.target, mount.readOnly);
        locks_.push_back(std::move(lock));
        return;
    }
}

void StepMounts::secret(const RunMount& mount) {
    const BuildSecret* secret = findSecret(shop_.request(), mount.id);
    if (secret == nullptr) {
        if (mount.required) throw Error::of("secret {}: not found", mount.id).hint(fmt::format("give it with --secret id={},src=FILE", mount.id));
        if (!mount.environment.empty()) environment_.push_back(mount.environment + "=");
        return;
    }
    const std::string value = valueOf(*secret);
    if (!mount.environment.empty()) environment_.push_back(mount.environment + "=" + value);
    if (mount.target.empty()) return;
    // On tmpfs: a secret never touches the disk.
    const fs::path folder = folder_.host().runDir / "secrets";
    fs::create_directories(folder);
    chmod(folder_.host().runDir.c_str(), 0700);
    const std::string file = unused(folder / "secret");
    const Fd fd = openFile(file, O_WRONLY | O_CREAT | O_EXCL, 0600);
    writeAll(fd.get(), value);
    if (fchown(fd.get(), mount.user.value_or(0), mount.group.value_or(0)) != 0 || fchmod(fd.get(), mount.mode.value_or(0400)) != 0)
        throw SystemError("prepare the secret " + mount.id, errno);
    add(file, mount.target, true);
}

void StepMounts::agent(const RunMount& mount) {
    std::string socket;
    for (const std::string& given : shop_.request().ssh) {
        const std::size_t equals = given.find('=');
        if (given.substr(0, equals) != mount.id) continue;
        const char* inherited = getenv("SSH_AUTH_SOCK");
        socket = equals != std::string::npos ? given.substr(equals + 1) : inherited != nullptr ? inherited : "";
    }
    const std::string target = mount.target.empty() ? fmt::format("/run/buildkit/ssh_agent.{}", agents_) : mount.target;
    if (agents_++ == 0) environment_.push_back("SSH_AUTH_SOCK=" + target);
    if (socket.empty() || !fs::is_socket(socket)) {
        if (mount.required) throw Error::of("ssh agent {}: not found", mount.id).hint("start ssh-agent and give --ssh default");
        return;
    }
    add(socket, target, false);
}

void StepMounts::script(const RunStep& step) {
    if (step.scriptName.empty()) return;
    const fs::path file = fs::path(newFolder("script")) / "script";
    const Fd fd = openFile(file.string(), O_WRONLY | O_CREAT | O_EXCL, 0755);
    writeAll(fd.get(), step.script);
    fchmod(fd.get(), 0755);
    add(file.string(), "/dev/pipes/" + step.scriptName, true);
}

void StepMounts::attach() {
    if (attached_.empty()) return;
    if (unshare(CLONE_NEWNS) != 0) throw SystemError("make a mount namespace", errno);
    if (mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) throw SystemError("separate the mount namespace", errno);
    for (const Attached& view : attached_) {
        const Fd overlay = view.lowers.size() == 1 && view.upper.empty() ? cloneMount(view.lowers.front(), false)
                                                                         : mountOverlay({view.lowers, view.upper, view.work});
        const Fd target = openFile(view.target, O_PATH | O_DIRECTORY);
        attachMount(overlay.get(), target.get());
    }
}

}  // namespace devc::engine::build
