#include "engine/linux/terminal.h"

#include <sys/ioctl.h>

namespace devc::engine {

std::optional<TerminalSize> terminalSize(int descriptor) {
    winsize size{};
    if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || !size.ws_row || !size.ws_col) return {};
    return TerminalSize{size.ws_row, size.ws_col};
}

void setTerminalSize(int master, TerminalSize size) {
    winsize window{static_cast<unsigned short>(size.rows), static_cast<unsigned short>(size.columns), 0, 0};
    ::ioctl(master, TIOCSWINSZ, &window);
}

RawTerminal::RawTerminal(int descriptor) : descriptor_(descriptor) {
    if (::tcgetattr(descriptor, &before_) != 0) return;
    termios raw = before_;
    ::cfmakeraw(&raw);
    raw_ = ::tcsetattr(descriptor, TCSADRAIN, &raw) == 0;
}

void RawTerminal::restore() {
    if (raw_) ::tcsetattr(descriptor_, TCSADRAIN, &before_);
    raw_ = false;
}

}  // namespace devc::engine
