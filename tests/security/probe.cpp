// What a program in a container tries in order to get out, or to get at what is not its own. Built static by build-probe,
// run inside; prints a line for each attempt: NAME and "ok" or the error's name. It judges nothing.
#include <arpa/inet.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <string>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

void say(const char* name, long result) { std::printf("%s %s\n", name, result >= 0 ? "ok" : strerrorname_np(errno)); }

/// In a child, so that what succeeds changes nothing here.
template <typename Work> void attempt(const char* name, Work work) {
    std::fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        say(name, static_cast<long>(work()));
        std::fflush(stdout);
        _exit(0);
    }
    waitpid(child, nullptr, 0);
}

long opens(const char* path, int flags) { return open(path, flags | O_NONBLOCK); }

long device(mode_t kind, unsigned major, unsigned minor) {
    unlink("/tmp/node");
    mkdir("/tmp", 01777);
    if (mknod("/tmp/node", kind | 0600, makedev(major, minor)) != 0) return -1;
    long result = opens("/tmp/node", O_RDONLY);
    int kept = errno;
    unlink("/tmp/node");
    errno = kept;
    return result;
}

void kernel() {
    attempt("mount", [] { return mount("none", "/mnt", "tmpfs", 0, nullptr); });
    attempt("umount", [] { return umount2("/proc/kcore", MNT_DETACH); });
    attempt("fsopen", [] { return syscall(SYS_fsopen, "tmpfs", 0); });
    attempt("open_tree", [] { return syscall(SYS_open_tree, AT_FDCWD, "/", 1); });
    attempt("pivot_root", [] { return syscall(SYS_pivot_root, ".", "."); });
    for (auto [name, flag] : {std::pair{"new-user", CLONE_NEWUSER}, {"new-mount", CLONE_NEWNS}, {"new-network", CLONE_NEWNET}, {"new-pid", CLONE_NEWPID}, {"new-cgroup", CLONE_NEWCGROUP}})
        attempt(name, [flag] { return unshare(flag); });
    attempt("clone3", [] { return syscall(SYS_clone3, nullptr, 0); });
    attempt("setns", [] { return setns(open("/proc/self/ns/net", O_RDONLY), CLONE_NEWNET); });
    attempt("keyctl", [] { return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_KEYRING, 1); });
    attempt("add_key", [] { return syscall(SYS_add_key, "user", "devc-probe", "x", 1, KEY_SPEC_PROCESS_KEYRING); });
    attempt("request_key", [] { return syscall(SYS_request_key, "user", "devc-probe", nullptr, 0); });
    attempt("bpf", [] { bpf_attr a{}; return syscall(SYS_bpf, BPF_MAP_CREATE, &a, sizeof a); });
    attempt("perf_event_open", [] { perf_event_attr a{}; a.size = sizeof a; return syscall(SYS_perf_event_open, &a, 0, -1, -1, 0); });
    attempt("userfaultfd", [] { return syscall(SYS_userfaultfd, 0); });
    attempt("open_by_handle_at", [] { char handle[64] = {8}; return syscall(SYS_open_by_handle_at, AT_FDCWD, handle, O_RDONLY); });
    attempt("init_module", [] { return syscall(SYS_init_module, "", 0, ""); });
    attempt("kexec_load", [] { return syscall(SYS_kexec_load, 0, 0, nullptr, 0); });
    attempt("reboot", [] { return syscall(SYS_reboot, 0xfee1dead, 672274793, 0, nullptr); });
    attempt("swapon", [] { return syscall(SYS_swapon, "/none", 0); });
    attempt("settimeofday", [] { timespec t{1, 0}; return syscall(SYS_clock_settime, 0, &t); });
    attempt("syslog", [] { return syscall(SYS_syslog, 3, nullptr, 0); });
    attempt("acct", [] { return syscall(SYS_acct, nullptr); });
    attempt("iopl", [] { return syscall(SYS_iopl, 3); });
    attempt("io_uring", [] { return syscall(SYS_io_uring_setup, 1, nullptr); });
    attempt("sethostname", [] { return sethostname("x", 1); });
}

void devices() {
    attempt("mem", [] { return device(S_IFCHR, 1, 1); });
    attempt("kmsg", [] { return device(S_IFCHR, 1, 11); });
    attempt("fuse", [] { return device(S_IFCHR, 10, 229); });
    attempt("tun", [] { return device(S_IFCHR, 10, 200); });
    attempt("loop-control", [] { return device(S_IFCHR, 10, 237); });
    attempt("loop0", [] { return device(S_IFBLK, 7, 0); });
    attempt("sda", [] { return device(S_IFBLK, 8, 0); });
    attempt("vda", [] { return device(S_IFBLK, 254, 0); });
    attempt("null", [] { return device(S_IFCHR, 1, 3); });
}

void writes() {
    for (const char* path : {"/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname", "/proc/sysrq-trigger", "/proc/irq/default_smp_affinity", "/proc/sys/vm/drop_caches",
                             "/sys/kernel/uevent_helper", "/sys/power/state", "/sys/fs/cgroup/memory/cgroup.procs", "/sys/fs/cgroup/devices/devices.allow",
                             "/sys/fs/cgroup/cgroup.procs", "/proc/1/oom_score_adj", "/proc/self/attr/current"})
        attempt(path, [path] { return opens(path, O_WRONLY); });
}

/// The programs of all processes that can be seen, opened for writing.
void executables() {
    for (;;) {
        DIR* all = opendir("/proc");
        while (dirent* entry = readdir(all)) {
            if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
            std::string path = std::string("/proc/") + entry->d_name + "/exe";
            char target[4096] = {};
            if (readlink(path.c_str(), target, sizeof target - 1) <= 0 || !std::strstr(target, "devc")) continue;
            int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
            if (file < 0) continue;
            std::string again = "/proc/self/fd/" + std::to_string(file);
            if (int writable = open(again.c_str(), O_WRONLY); writable >= 0) {
                std::printf("WRITABLE %s\n", target);
                std::fflush(stdout);
            }
            close(file);
        }
        closedir(all);
        usleep(500);
    }
}

/// A folder and a link to `target` change places, for ever.
void swap(const char* place, const char* target) {
    std::string link = std::string(place) + ".link";
    mkdir(place, 0777);
    unlink(link.c_str());
    if (symlink(target, link.c_str()) != 0) std::perror("symlink");
    for (;;) syscall(SYS_renameat2, AT_FDCWD, place, AT_FDCWD, link.c_str(), 2 /* RENAME_EXCHANGE */);
}

/// A process may say that its arguments are anywhere in its memory: 8 GB of zeros here.
void longArguments() {
    constexpr std::size_t size = std::size_t{8} << 30;
    void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return say("mmap", -1);
    static_cast<char*>(memory)[0] = 'x';
    unsigned long numbers[52] = {};
    std::string line;
    char text[4096] = {};
    int file = open("/proc/self/stat", O_RDONLY);
    (void)!read(file, text, sizeof text - 1);
    const char* at = std::strrchr(text, ')') + 2;
    for (int field = 3; field < 52 && *at; ++field) {
        if (field > 3) numbers[field] = std::strtoul(at, nullptr, 10);
        at = std::strchr(at, ' ') ? std::strchr(at, ' ') + 1 : "";
    }
    // proc_pid_stat(5): 26 startcode, 27 endcode, 28 startstack, 45 start_data, 46 end_data, 47 start_brk, 50 env_start, 51 env_end
    prctl_mm_map map{};
    map.start_code = numbers[26];
    map.end_code = numbers[27];
    map.start_data = numbers[45];
    map.end_data = numbers[46];
    map.start_brk = numbers[47];
    map.brk = reinterpret_cast<unsigned long>(sbrk(0));
    map.start_stack = numbers[28];
    map.arg_start = reinterpret_cast<unsigned long>(memory);
    map.arg_end = map.arg_start + size;
    map.env_start = numbers[50];
    map.env_end = numbers[51];
    map.exe_fd = ~0U;
    say("PR_SET_MM_MAP", prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof map, 0));
    std::fflush(stdout);
    pause();
}

/// Fills stdout, a pipe, as soon as somebody has read from it, without copying a byte: faster than anybody reads.
void flood() {
    int ends[2];
    if (pipe(ends) != 0) return say("pipe", -1);
    const std::string page(65536, 'x');
    (void)!write(ends[1], page.data(), page.size());
    for (;;) (void)tee(ends[0], STDOUT_FILENO, page.size(), SPLICE_F_NONBLOCK);
}

/// Folders in folders, deeper than any path may be long.
void deep(const char* path, int levels) {
    int folder = open(path, O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < levels && folder >= 0; ++i) {
        const int above = folder;
        mkdirat(above, "d", 0777);
        folder = openat(above, "d", O_RDONLY | O_DIRECTORY);
        close(above);
    }
    say("deep", folder);
}

/// Holds the lock of a file or folder, for ever.
void lock(const char* path) {
    say("lock", flock(open(path, O_RDONLY), LOCK_EX));
    std::fflush(stdout);
    pause();
}

void forks() {
    int made = 0;
    for (; made < 5000; ++made) {
        pid_t child = fork();
        if (child < 0) break;
        if (child == 0) pause();
    }
    std::printf("forks %d %s\n", made, strerrorname_np(errno));
    std::fflush(stdout);
}

void descriptors() {
    DIR* all = opendir("/proc/self/fd");
    while (dirent* entry = readdir(all)) {
        if (entry->d_name[0] == '.' || std::stoi(entry->d_name) == dirfd(all)) continue;
        char target[4096] = {};
        std::string path = std::string("/proc/self/fd/") + entry->d_name;
        if (readlink(path.c_str(), target, sizeof target - 1) > 0) std::printf("%s %s\n", entry->d_name, target);
    }
}

/// Whether somebody takes a connection within a second and a half.
void reach(const char* address, int port) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<unsigned short>(port));
    inet_pton(AF_INET, address, &to.sin_addr);
    int made = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), failure = 0;
    socklen_t size = sizeof failure;
    bool open = connect(made, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
    if (!open && errno == EINPROGRESS) {
        pollfd waited{made, POLLOUT, 0};
        open = poll(&waited, 1, 1500) == 1 && getsockopt(made, SOL_SOCKET, SO_ERROR, &failure, &size) == 0 && failure == 0;
    }
    std::puts(open ? "reached" : "out of reach");
}

}  // namespace

int main(int count, char** words) {
    const std::string verb = count > 1 ? words[1] : "";
    if (verb == "kernel") kernel();
    else if (verb == "devices") devices();
    else if (verb == "writes") writes();
    else if (verb == "executables") executables();
    else if (verb == "swap" && count == 4) swap(words[2], words[3]);
    else if (verb == "forks") forks();
    else if (verb == "flood") flood();
    else if (verb == "deep" && count == 4) deep(words[2], std::stoi(words[3]));
    else if (verb == "lock" && count == 3) lock(words[2]);
    else if (verb == "long-arguments") longArguments();
    else if (verb == "descriptors") descriptors();
    else if (verb == "reach" && count == 4) reach(words[2], std::stoi(words[3]));
    else return 2;
    return 0;
}
