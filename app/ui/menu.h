#pragma once
#include <termios.h>

namespace devc::app {

/// Single keys of the caller's terminal while a command runs in the foreground: they are neither echoed nor wait for the end
/// of a line, until the object goes. Keys that send signals go on doing so.
class Menu {
public:
    /// True where somebody can press keys and see what comes of it.
    static bool isPossible();

    Menu();
    ~Menu();
    Menu(const Menu&) = delete;
    Menu& operator=(const Menu&) = delete;

    /// Readable in poll when a key was pressed.
    int descriptor() const { return open_ ? 0 : -1; }
    /// The key that was pressed; 0 when the terminal has gone.
    char take();

private:
    void restore();

    termios before_{};
    bool open_ = false;
};

}  // namespace devc::app
