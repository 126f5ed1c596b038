// Part of devc's programs in the preset asan only. They have no environment, close descriptors that they do not know, and
// leave the machine's files behind; so what sanitizers and coverage need is in the program, and goes through shared memory:
// DEVC_WATCHED/profiles takes the counters as they count, DEVC_WATCHED/reports (made by tests/lib/watched.py: the length of
// what is in it, eight bytes, then text) what a sanitizer found. Leaks, which only devc looks for, are in DEVC_WATCHED/said.PID.
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

// Names that the runtimes look for.
extern "C" {
extern const char __llvm_profile_filename[];
const char __llvm_profile_filename[] = DEVC_WATCHED "/profiles/%c%m.profraw";
const char* __asan_default_options();
const char* __ubsan_default_options();
void __ubsan_on_report();
int __real_main(int count, char** arguments, char** environment);
int __wrap_main(int count, char** arguments, char** environment);
void __ubsan_get_current_report_data(const char** kind, const char** message, const char** file, unsigned* line, unsigned* column, char** address);

const char* __asan_default_options() {
    // Where addresses are in the source is looked up afterwards: here there may be no other program, nor permission to start it.
    // The quarantine is small since a container's limits hold for it.
#ifdef DEVC_LEAKS
    return "symbolize=0:exitcode=66:handle_abort=1:quarantine_size_mb=8:detect_leaks=1:log_path=" DEVC_WATCHED "/said";
#else
    return "symbolize=0:exitcode=66:handle_abort=1:quarantine_size_mb=8:detect_leaks=0";
#endif
}
const char* __ubsan_default_options() { return "symbolize=0:print_stacktrace=1:exitcode=66"; }
}

namespace {

struct Reports {
    std::atomic<std::uint64_t> length;
    char text[1];
};
Reports* reports = nullptr;
std::size_t room = 0;
char command[512];
bool told = false;

void append(const char* text, std::size_t length) {
    if (!reports) return;
    const std::uint64_t at = reports->length.fetch_add(length);
    if (at + length <= room) std::memcpy(reports->text + at, text, length);
}
void append(const char* text) { append(text, std::strlen(text)); }

void head() {
    char line[600];
    std::snprintf(line, sizeof line, "\n== process %d: %s\n", ::getpid(), command);
    append(line);
    told = true;
}

void onError(const char* text) {
    head();
    append(text);
}

/// What was not told by the functions above: leaks, and what stopped the sanitizer itself.
void onDeath() {
    if (told) return;
    head();
    append("ended by a sanitizer, which says why in said.PID or on standard error\n");
}

void readCommand() {
    const int file = ::open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    const ssize_t got = ::read(file, command, sizeof command - 1);
    ::close(file);
    for (ssize_t i = 0; i + 1 < got; ++i)
        if (command[i] == '\0' || command[i] == '\n') command[i] = ' ';
}

__attribute__((constructor)) void begin() {
    const int error = errno;
    __asan_set_error_report_callback(onError);
    __sanitizer_set_death_callback(onDeath);
    readCommand();
    const int file = ::open(DEVC_WATCHED "/reports", O_RDWR | O_CLOEXEC);
    struct stat status{};
    if (file >= 0 && ::fstat(file, &status) == 0 && status.st_size > 4096) {
        void* memory = ::mmap(nullptr, static_cast<std::size_t>(status.st_size), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (memory != MAP_FAILED) {
            reports = static_cast<Reports*>(memory);
            room = static_cast<std::size_t>(status.st_size) - offsetof(Reports, text);
        }
    }
    if (file >= 0) ::close(file);
    errno = error;
}

}  // namespace

/// In place of main (the linker's --wrap): the runtime of coverage leaves a variable of its own, which devc would show and pass on.
int __wrap_main(int count, char** arguments, char** environment) {
    ::unsetenv("__LLVM_PROFILE_RT_INIT_ONCE");
    return __real_main(count, arguments, environment);
}

void __ubsan_on_report() {
    const char *kind = nullptr, *message = nullptr, *file = nullptr;
    unsigned line = 0, column = 0;
    char* address = nullptr;
    __ubsan_get_current_report_data(&kind, &message, &file, &line, &column, &address);
    char text[1024];
    std::snprintf(text, sizeof text, "%s:%u:%u: %s: %s\n", file ? file : "?", line, column, kind ? kind : "?", message ? message : "?");
    head();
    append(text);
}
