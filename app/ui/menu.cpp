#include "app/ui/menu.h"

#include <unistd.h>

namespace devc::app {

bool Menu::isPossible() {
    // In the background the terminal stops who reads from it.
    return ::isatty(STDIN_FILENO) && ::isatty(STDOUT_FILENO) && ::tcgetpgrp(STDIN_FILENO) == ::getpgrp();
}

Menu::Menu() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios keys = before_;
    keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    keys.c_cc[VMIN] = 1;
    keys.c_cc[VTIME] = 0;
    open_ = ::tcsetattr(STDIN_FILENO, TCSADRAIN, &keys) == 0;
}

Menu::~Menu() { restore(); }

void Menu::restore() {
    if (open_) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
    open_ = false;
}

char Menu::take() {
    char key = 0;
    if (::read(STDIN_FILENO, &key, 1) == 1) return key;
    restore();
    return 0;
}

}  // namespace devc::app
