#include "engine/linux/landlock.h"

#include <cerrno>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/error.h"

namespace devc::engine {

namespace {

/// What newer kernels' headers have.
struct RulesetAttributes {
    std::uint64_t files = 0, network = 0, scoped = 0;
};
constexpr std::uint64_t truncateFile = 1 << 14, controlDevice = 1 << 15;
constexpr std::uint64_t bindTcp = 1 << 0, connectTcp = 1 << 1;
constexpr std::uint64_t abstractSockets = 1 << 0, signals = 1 << 1;

constexpr int firstWithRename = 2, firstWithTruncate = 3, firstWithTcp = 4, firstWithDevices = 5, firstWithScopes = 6;

constexpr std::uint64_t readFiles = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t changeFiles = readFiles | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                                      LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                                      LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM |
                                      LANDLOCK_ACCESS_FS_REFER | truncateFile;
constexpr std::uint64_t allFiles = changeFiles | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_SOCK | controlDevice;
constexpr std::uint64_t ofNoFolder = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | truncateFile;

int version() { return static_cast<int>(::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION)); }

}  // namespace

bool Landlock::isKnown() { return version() >= firstWithRename; }

Landlock::Landlock(Network network) {
    const int known = version();
    if (known < firstWithRename) return;
    RulesetAttributes attributes;
    attributes.files = allFiles;
    if (known < firstWithTruncate) attributes.files &= ~truncateFile;
    if (known < firstWithDevices) attributes.files &= ~controlDevice;
    if (known >= firstWithTcp) attributes.network = bindTcp | (network == Network::None ? connectTcp : 0);
    if (known >= firstWithScopes) attributes.scoped = abstractSockets | signals;
    const std::size_t size = known < firstWithTcp ? sizeof attributes.files : known < firstWithScopes ? offsetof(RulesetAttributes, scoped) : sizeof attributes;
    rules_ = Fd(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, size, 0)));
    if (!rules_) throw SystemError("make a landlock ruleset", errno);
    handled_ = attributes.files;
}

void Landlock::allow(const std::filesystem::path& path, Files files) {
    if (!rules_) return;
    const Fd place(::open(path.c_str(), O_PATH | O_CLOEXEC));
    if (place) allow(place.get(), files);
}

void Landlock::allow(int descriptor, Files files) {
    struct stat about {};
    if (!rules_ || ::fstat(descriptor, &about) != 0) return;
    landlock_path_beneath_attr rule{};
    rule.allowed_access = handled_ & (files == Files::Change ? changeFiles : readFiles);
    if (!S_ISDIR(about.st_mode)) rule.allowed_access &= ofNoFolder;
    rule.parent_fd = descriptor;
    // EBADFD: a pipe, a socket or a file in memory, which are never restricted.
    if (::syscall(SYS_landlock_add_rule, rules_.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0 && errno != EBADFD)
        throw SystemError("add a landlock rule", errno);
}

void Landlock::enforce() {
    if (rules_ && ::syscall(SYS_landlock_restrict_self, rules_.get(), 0) != 0) throw SystemError("restrict the process by landlock", errno);
}

}  // namespace devc::engine
