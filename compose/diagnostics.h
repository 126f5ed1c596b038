#pragma once
#include <exception>
#include <string>
#include <vector>

namespace devc::compose {

/// One thing that is wrong in a compose file, an environment file, or between them.
struct Diagnostic {
    std::string file;      // empty: about no file
    int line = 0;          // from 1; 0: about the whole file
    int column = 0;        // from 1, in bytes
    std::string message;   // "services.web: unknown attribute `imagee`"
    std::string snippet;   // the line of the file, or what of a long one is around the column; empty if not known
    std::string hint;      // "did you mean `image`?", may be empty
    int caret = 0;         // column of the place in the snippet; 0: `column`

    /// "file:line:column: message" and below it, where known, the line, a caret and the hint.
    std::string text() const;
};

/// The project cannot be loaded. what() is the texts of all diagnostics, one below the other.
class LoadError : public std::exception {
public:
    explicit LoadError(std::vector<Diagnostic> diagnostics);
    explicit LoadError(std::string message, std::string hint = {});
    const char* what() const noexcept override { return text_.c_str(); }
    const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }

private:
    std::vector<Diagnostic> diagnostics_;
    std::string text_;
};

}  // namespace devc::compose
