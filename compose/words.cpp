#include "compose/words.h"

namespace devc::compose {
namespace {

bool isBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

class Splitter {
public:
    std::optional<StringList> run(std::string_view text) {
        for (char c : text) {
            if (!take(c)) break;
        }
        if (broken_ || escaped_ || inside_ != Inside::Nothing) return std::nullopt;
        endWord();
        return std::move(words_);
    }

private:
    /// What an unquoted blank would not end. Backquotes and $( ) stay in the word as they are.
    enum class Inside { Nothing, Single, Double, Backquotes, Dollar };

    /// Whether the line goes on.
    bool take(char c) {
        if (escaped_) {
            escaped_ = false;
            add(c);
        } else if (c == '\\' && inside_ != Inside::Single) {
            escaped_ = true;
        } else if (inside_ != Inside::Nothing) {
            quoted(c);
        } else if (isBlank(c)) {
            endWord();
        } else {
            return plain(c);
        }
        return true;
    }

    void quoted(char c) {
        bool quote = (inside_ == Inside::Single && c == '\'') || (inside_ == Inside::Double && c == '"');
        bool last = quote || (inside_ == Inside::Backquotes && c == '`') || (inside_ == Inside::Dollar && c == ')');
        if (!quote) add(c);
        if (!last) return;
        inside_ = Inside::Nothing;
        started_ = true;
    }

    bool plain(char c) {
        switch (c) {
            case '\'': inside_ = Inside::Single; return true;
            case '"': inside_ = Inside::Double; return true;
            case '`': inside_ = Inside::Backquotes; break;
            case '(':
                broken_ = !word_.ends_with('$');
                inside_ = Inside::Dollar;
                break;
            case ')': broken_ = true; break;
            case '>':
                if (!word_.empty() && word_[0] >= '0' && word_[0] <= '9') started_ = false;  // 2> names a descriptor
                return false;
            case ';': case '&': case '|': case '<': return false;
            default: break;
        }
        add(c);
        return !broken_;
    }

    void add(char c) {
        word_ += c;
        started_ = true;
    }

    void endWord() {
        if (started_) words_.push_back(std::move(word_));
        word_.clear();
        started_ = false;
    }

    StringList words_;
    std::string word_;
    Inside inside_ = Inside::Nothing;
    bool started_ = false;
    bool escaped_ = false;
    bool broken_ = false;
};

}  // namespace

std::optional<StringList> splitWords(std::string_view text) { return Splitter().run(text); }

}  // namespace devc::compose
