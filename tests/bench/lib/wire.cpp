// The two ends of tests/bench/net. Prints one number.
//   wire serve                         takes connections on port 7000: the first byte says what to do, 's' swallow, else answer and close
//   wire stream HOST PORT SECONDS      Gbit/s that HOST takes
//   wire connect HOST PORT SECONDS     connections a second: connect, a byte to and fro, close
//   wire names NAME WINDOW SECONDS     questions for the name that are answered, a second, with so many open at a time
#include <arpa/inet.h>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <netdb.h>
#include <netinet/tcp.h>
#include <resolv.h>
#include <signal.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
double since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

void serveOne(int socket) {
    std::vector<char> chunk(1 << 18);
    char word = 0;
    if (read(socket, &word, 1) == 1) {
        if (word == 's') while (read(socket, chunk.data(), chunk.size()) > 0) {}
        else (void)!write(socket, &word, 1);
    }
    close(socket);
}

int serve() {
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(7000);
    if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(listener, 1024) != 0) return 1;
    for (;;) {
        int taken = accept(listener, nullptr, nullptr);
        if (taken < 0) continue;
        // A stream has a thread, a single byte is answered at once.
        char word = 0;
        if (recv(taken, &word, 1, MSG_PEEK) == 1 && word == 's') std::thread(serveOne, taken).detach();
        else serveOne(taken);
    }
}

sockaddr_in find(const char* host, const char* port) {
    addrinfo hints{}, *found = nullptr;
    hints.ai_family = AF_INET;
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(host, port, &hints, &found) != 0) std::exit(2);
    return *reinterpret_cast<sockaddr_in*>(found->ai_addr);
}

int open(const sockaddr_in& to) {
    int made = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(made, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) std::exit(3);
    return made;
}

double stream(const sockaddr_in& to, double seconds) {
    int out = open(to);
    std::vector<char> chunk(1 << 18, 'x');
    chunk[0] = 's';
    double bytes = 0;
    const auto begin = Clock::now();
    while (since(begin) < seconds) {
        ssize_t put = write(out, chunk.data(), chunk.size());
        if (put <= 0) std::exit(4);
        bytes += static_cast<double>(put);
    }
    return bytes * 8 / since(begin) / 1e9;
}

double connections(const sockaddr_in& to, double seconds) {
    long count = 0;
    const linger at_once{1, 0};  // ports come back at once: what is measured is the making
    const auto begin = Clock::now();
    for (; since(begin) < seconds; ++count) {
        int made = open(to);
        char word = 'c';
        if (write(made, &word, 1) != 1 || read(made, &word, 1) != 1) std::exit(4);
        setsockopt(made, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        close(made);
    }
    return static_cast<double>(count) / since(begin);
}

double names(const char* name, int window, double seconds) {
    unsigned char question[512], answer[512];
    int size = res_mkquery(QUERY, name, ns_c_in, ns_t_a, nullptr, 0, nullptr, question, sizeof question);
    int made = socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in server{};
    server.sin_family = AF_INET;
    server.sin_port = htons(53);
    inet_pton(AF_INET, "127.0.0.11", &server.sin_addr);
    timeval patience{1, 0};
    setsockopt(made, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(made, reinterpret_cast<sockaddr*>(&server), sizeof server) != 0) std::exit(3);
    long count = 0;
    unsigned short id = 0;
    const auto ask = [&] {
        ++id;
        std::memcpy(question, &id, 2);
        if (send(made, question, static_cast<size_t>(size), 0) != size) std::exit(4);
    };
    const auto begin = Clock::now();
    for (int open = 0; open < window; ++open) ask();
    for (; since(begin) < seconds; ++count) {
        if (recv(made, answer, sizeof answer, 0) < 12 || answer[7] == 0) std::exit(5);  // no answer in it
        ask();
    }
    return static_cast<double>(count) / since(begin);
}

}  // namespace

int main(int count, char** words) {
    signal(SIGPIPE, SIG_IGN);
    const std::string verb = count > 1 ? words[1] : "";
    if (verb == "serve") return serve();
    if (verb == "stream" && count == 5) std::printf("%.3f\n", stream(find(words[2], words[3]), std::atof(words[4])));
    else if (verb == "connect" && count == 5) std::printf("%.1f\n", connections(find(words[2], words[3]), std::atof(words[4])));
    else if (verb == "names" && count == 5) std::printf("%.1f\n", names(words[2], std::atoi(words[3]), std::atof(words[4])));
    else return 2;
    return 0;
}
