#include "app/ui/prompt.h"

#include <cstdio>
#include <string>

#include <unistd.h>

namespace devc::app {

bool confirm(std::string_view question) {
    std::fprintf(stderr, "%.*s [y/N] ", static_cast<int>(question.size()), question.data());
    std::fflush(stderr);
    std::string answer;
    for (char c = 0; ::read(STDIN_FILENO, &c, 1) == 1 && c != '\n';)
        if (answer.size() < 8) answer += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    if (!answer.empty() && answer.back() == '\r') answer.pop_back();
    return answer == "y" || answer == "yes";
}

}  // namespace devc::app
