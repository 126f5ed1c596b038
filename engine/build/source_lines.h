#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace devc::engine::build {

/// A document within the Dockerfile (`<<EOF`), as the reference's "Here-Documents" describes.
struct Heredoc {
    std::string name;     ///< the terminator without quotes
    std::string content;  ///< the lines up to the terminator, leading tabs kept
    bool expand = true;   ///< false if the name was quoted
    bool chomp = false;   ///< `<<-`: leading tabs do not count
};

/// One instruction as written: continuation lines joined, comments gone.
struct SourceLine {
    std::string text;  ///< "RUN echo a   b"
    int first = 0, last = 0;  ///< lines in the file, from 1, heredocs included
    std::vector<Heredoc> heredocs;
    bool emptyContinuation = false;  ///< an empty line stood between continued ones
};

/// The parser directives at the head of a Dockerfile.
struct Directives {
    char escape = '\\';
    std::string syntax, check;
};

struct Source {
    Directives directives;
    std::vector<SourceLine> lines;
};

/// Splits a Dockerfile into instructions. Accepts a byte order mark and CRLF. Throws Error at a line for an unterminated
/// heredoc, a bad or repeated directive, and a file without instructions.
Source readSource(std::string_view text);

/// The heredoc that `word` begins ("<<EOF", "3<<-'X'"), or false.
bool parseHeredocWord(std::string_view word, Heredoc& heredoc);

/// Is the text nothing but the word that begins a heredoc ("<<EOF", "<< EOF")? Then a RUN runs the document itself.
bool isHeredocOnly(std::string_view text);

/// Without the leading tabs of each line: what `<<-` means.
std::string withoutLeadingTabs(std::string_view text);

}  // namespace devc::engine::build
