// kill-at PROGRAM N COMMAND...: kills with -9 the process of PROGRAM (devc, devc-monitor or devc-transfer) that is about to make
// the Nth system call of all processes of that name, then lets everything else go on. N = 0 only counts.
// Last line of stderr: "killed at N NAME", with the number of the call, or "counted COUNT". Status: that of COMMAND, 137 if it was it.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>
#include <string>

#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

constexpr long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;

std::string lineOf(const std::string& path, const char* key) {
    std::ifstream file(path);
    std::string line;
    while (std::getline(file, line))
        if (line.starts_with(key)) return line.substr(std::strlen(key));
    return {};
}

std::string nameOf(pid_t process) { return lineOf("/proc/" + std::to_string(process) + "/comm", ""); }
pid_t groupOf(pid_t thread) { return std::atoi(lineOf("/proc/" + std::to_string(thread) + "/status", "Tgid:").c_str()); }

/// The shell's way to say how a process ended.
int numberOf(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

class Killer {
public:
    Killer(std::string program, long at, pid_t command) : program_(std::move(program)), at_(at), command_(command) {}

    int run() {
        int status = 0;
        for (;;) {
            const pid_t thread = waitpid(-1, &status, __WALL);
            if (thread < 0) return 1;
            if (WIFSTOPPED(status)) {
                stopped(thread, status);
                continue;
            }
            if (thread == victim_) victim_ = 0;
            if (thread == command_) ended_ = numberOf(status);
            // What is left running is let go: a tracer that ends detaches. But not before the killed one is gone.
            if (ended_ && !victim_) return *ended_;
        }
    }
    long count() const { return count_; }
    bool killed() const { return killed_; }

private:
    struct Thread {
        pid_t group = 0;
        bool counts = false, known = false;
    };

    void look(pid_t thread) {
        const pid_t group = groupOf(thread);
        const std::string name = nameOf(group);
        threads_[thread] = {group, name == program_, name.starts_with("devc") || thread == command_};
    }

    void stopped(pid_t thread, int status) {
        const int signal = WSTOPSIG(status), event = status >> 16;
        if (!threads_.contains(thread) || event == PTRACE_EVENT_EXEC) look(thread);
        const Thread& self = threads_.at(thread);
        if (done_ || !self.known) {
            ptrace(PTRACE_DETACH, thread, nullptr, event == 0 && signal < 32 ? signal : 0);
            return;
        }
        if (signal == (SIGTRAP | 0x80) && self.counts && isEntry(thread) && ++count_ == at_) {
            victim_ = self.group;
            kill(victim_, SIGKILL);
            done_ = killed_ = true;
            return;
        }
        if (event == PTRACE_EVENT_STOP && signal != SIGTRAP) {
            ptrace(PTRACE_LISTEN, thread, nullptr, nullptr);  // job control
            return;
        }
        ptrace(PTRACE_SYSCALL, thread, nullptr, event == 0 && signal < 32 && signal != SIGTRAP ? signal : 0);
    }

    static bool isEntry(pid_t thread) {
        __ptrace_syscall_info info{};
        return ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info) > 0 && info.op == PTRACE_SYSCALL_INFO_ENTRY;
    }

    std::string program_;
    long at_, count_ = 0;
    pid_t command_, victim_ = 0;  // 0: none that still has to end
    std::optional<int> ended_;  // how the command ended
    bool done_ = false, killed_ = false;
    std::map<pid_t, Thread> threads_;
};

}  // namespace

int main(int count, char** arguments) {
    if (count < 4) {
        std::fputs("usage: kill-at PROGRAM N COMMAND...\n", stderr);
        return 2;
    }
    int gate[2];
    if (pipe(gate) != 0) return 2;
    const pid_t command = fork();
    if (command == 0) {
        char go;
        close(gate[1]);
        if (read(gate[0], &go, 1) != 1) _exit(126);
        close(gate[0]);
        execvp(arguments[3], arguments + 3);
        _exit(127);
    }
    if (command < 0 || ptrace(PTRACE_SEIZE, command, nullptr, options) != 0) {
        std::perror("kill-at");
        return 2;
    }
    close(gate[0]);
    // Its calls before the exec are nobody's: they are of another name.
    ptrace(PTRACE_INTERRUPT, command, nullptr, nullptr);
    if (write(gate[1], "g", 1) != 1) return 2;
    close(gate[1]);
    Killer killer(arguments[1], std::atol(arguments[2]), command);
    const int status = killer.run();
    std::fprintf(stderr, killer.killed() ? "killed at %ld\n" : "counted %ld\n", killer.count());
    return status;
}
