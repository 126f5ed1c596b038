#include "engine/transfer/challenge.h"

#include <algorithm>
#include <cctype>

namespace devc::engine::transfer {

namespace {

bool isTokenCharacter(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

/// Takes one thing after the other from the front of a header.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    bool atEnd() const { return rest_.empty(); }
    void skip(std::string_view characters) {
        while (!rest_.empty() && characters.find(rest_.front()) != std::string_view::npos) rest_.remove_prefix(1);
    }
    void drop() { rest_.remove_prefix(1); }
    bool take(char c) {
        if (rest_.empty() || rest_.front() != c) return false;
        drop();
        return true;
    }
    std::string token() {
        const auto end = std::find_if_not(rest_.begin(), rest_.end(), isTokenCharacter);
        std::string word(rest_.begin(), end);
        rest_.remove_prefix(word.size());
        std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        return word;
    }
    /// Quoted, or up to the next comma or blank.
    std::string value() {
        std::string text;
        if (!take('"')) {
            const std::size_t end = std::min(rest_.find_first_of(", \t"), rest_.size());
            text = rest_.substr(0, end);
            rest_.remove_prefix(end);
            return text;
        }
        while (!rest_.empty() && !take('"')) {
            if (rest_.front() == '\\' && rest_.size() > 1) drop();
            text += rest_.front();
            drop();
        }
        return text;
    }

private:
    std::string_view rest_;
};

}  // namespace

std::string Challenge::parameter(const std::string& name) const {
    const auto found = parameters.find(name);
    return found == parameters.end() ? std::string() : found->second;
}

std::vector<Challenge> parseChallenges(std::string_view header) {
    std::vector<Challenge> challenges;
    Reader reader(header);
    while (!reader.atEnd()) {
        reader.skip(", \t");
        const std::string word = reader.token();
        if (word.empty()) {
            if (!reader.atEnd()) reader.drop();
            continue;
        }
        reader.skip(" \t");
        // A word before '=' is a parameter of the challenge begun last, any other begins one.
        if (!reader.take('=')) challenges.push_back({word, {}});
        else if (reader.skip(" \t"); !challenges.empty()) challenges.back().parameters[word] = reader.value();
        else reader.value();
    }
    return challenges;
}

}  // namespace devc::engine::transfer
