#include "engine/launch/detach_keys.h"

#include <string_view>

#include "engine/error.h"

namespace devc::engine {

namespace {

char keyOf(std::string_view name) {
    constexpr std::string_view control = "ctrl-";
    if (name.size() == 1) return name.front();
    if (!name.starts_with(control) || name.size() != control.size() + 1) throw Error::of("unknown detach key {}", name).hint("write them as ctrl-p,ctrl-q");
    char key = name.back();
    if (key >= 'a' && key <= 'z') return static_cast<char>(key - 'a' + 1);
    if (key == '@' || (key >= '[' && key <= '_')) return static_cast<char>(key - '@');
    throw Error::of("unknown detach key {}", name).hint("ctrl- goes with a to z and with @ [ \\ ] ^ _");
}

}  // namespace

DetachKeys::DetachKeys(const std::string& keys) {
    std::string_view rest = keys.empty() ? std::string_view("ctrl-p,ctrl-q") : std::string_view(keys);
    for (;;) {
        std::string_view name = rest.substr(0, rest.find(','));
        sequence_ += keyOf(name);
        if (name.size() == rest.size()) return;
        rest.remove_prefix(name.size() + 1);
    }
}

bool DetachKeys::filter(std::string& typed) {
    std::string passed;
    for (char key : typed) {
        if (key != sequence_[matched_]) {
            passed.append(sequence_, 0, matched_);
            matched_ = 0;
        }
        if (key != sequence_[matched_]) {
            passed += key;
            continue;
        }
        if (++matched_ < sequence_.size()) continue;
        matched_ = 0;
        typed = std::move(passed);
        return true;
    }
    typed = std::move(passed);
    return false;
}

}  // namespace devc::engine
