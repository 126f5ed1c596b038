#include "engine/build/file_mode.h"

#include <algorithm>

#include <sys/stat.h>

#include "engine/error.h"

namespace devc::engine::build {

namespace {
constexpr unsigned user = 1, group = 2, other = 4;

/// `bits` (rwx as 0-7) for each of `who`.
mode_t spread(unsigned who, unsigned bits) {
    return ((who & user) ? bits << 6 : 0) | ((who & group) ? bits << 3 : 0) | ((who & other) ? bits : 0);
}
}  // namespace

FileMode FileMode::parse(std::string_view text) {
    FileMode result;
    const auto bad = [&] { return Error::of("invalid chmod parameter: '{}'. it should be octal string and between 0 and 07777, or like u=rwX,go=rX", text); };
    if (text.empty()) throw bad();
    if (std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '7'; })) {
        if (text.size() > 8 || std::stoul(std::string(text), nullptr, 8) > 07777) throw bad();
        result.absolute_ = static_cast<mode_t>(std::stoul(std::string(text), nullptr, 8));
        return result;
    }
    for (std::size_t at = 0; at < text.size();) {
        unsigned who = 0;
        for (; at < text.size() && std::string_view("ugoa").find(text[at]) != std::string_view::npos; ++at)
            who |= text[at] == 'u' ? user : text[at] == 'g' ? group : text[at] == 'o' ? other : user | group | other;
        if (who == 0) who = user | group | other;
        if (at >= text.size() || std::string_view("+-=").find(text[at]) == std::string_view::npos) throw bad();
        while (at < text.size() && text[at] != ',') {
            const char operation = text[at++];
            if (std::string_view("+-=").find(operation) == std::string_view::npos) throw bad();
            Clause clause{who, operation, {}};
            while (at < text.size() && std::string_view("rwxXstugo").find(text[at]) != std::string_view::npos) clause.permissions += text[at++];
            result.clauses_.push_back(std::move(clause));
        }
        if (at < text.size() && ++at == text.size()) throw bad();  // a comma at the end
    }
    return result;
}

mode_t FileMode::apply(mode_t mode) const {
    if (absolute_) return *absolute_;
    mode_t now = mode & 07777;
    for (const Clause& clause : clauses_) {
        mode_t bits = 0;
        for (const char c : clause.permissions) {
            switch (c) {
                case 'r': bits |= spread(clause.who, 4); break;
                case 'w': bits |= spread(clause.who, 2); break;
                case 'x': bits |= spread(clause.who, 1); break;
                case 'X':
                    if (S_ISDIR(mode) || (now & 0111) != 0) bits |= spread(clause.who, 1);
                    break;
                case 's': bits |= ((clause.who & user) ? S_ISUID : 0U) | ((clause.who & group) ? S_ISGID : 0U); break;
                case 't': bits |= S_ISVTX; break;
                case 'u': bits |= spread(clause.who, (now >> 6) & 7); break;
                case 'g': bits |= spread(clause.who, (now >> 3) & 7); break;
                default: bits |= spread(clause.who, now & 7); break;
            }
        }
        if (clause.operation == '+') now |= bits;
        else if (clause.operation == '-') now &= ~bits;
        else now = (now & ~spread(clause.who, 7)) | bits;
    }
    return now;
}

}  // namespace devc::engine::build
