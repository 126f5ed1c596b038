#pragma once
#include <optional>

#include <termios.h>

namespace devc::engine {

struct TerminalSize {
    unsigned rows = 0, columns = 0;
    bool operator==(const TerminalSize&) const = default;
};

/// Nothing if the descriptor is no terminal or has no size.
std::optional<TerminalSize> terminalSize(int descriptor);
/// Sets the size of a terminal by its master; the foreground processes get SIGWINCH.
void setTerminalSize(int master, TerminalSize);

/// Every key goes through as it is typed, and nothing is echoed, until the owner goes.
class RawTerminal {
public:
    /// Does nothing if the descriptor is no terminal.
    explicit RawTerminal(int descriptor);
    ~RawTerminal() { restore(); }
    RawTerminal(const RawTerminal&) = delete;
    RawTerminal& operator=(const RawTerminal&) = delete;
    /// As it was before. Called twice it does nothing.
    void restore();

private:
    int descriptor_;
    bool raw_ = false;
    termios before_{};
};

}  // namespace devc::engine
