#pragma once
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>

namespace devc::engine {

/// What went wrong, with the steps that led there and what the user may do.
/// `what()` is one sentence: "outermost step: ...: innermost cause". Details and hints are lines of their own.
class Error : public std::exception {
public:
    explicit Error(std::string cause, int exitStatus = 1);

    template <typename... T>
    static Error of(fmt::format_string<T...> format, T&&... arguments) {
        return Error(fmt::format(format, std::forward<T>(arguments)...));
    }

    /// Adds the step that was being done; the last one added is printed first.
    template <typename... T>
    Error& during(fmt::format_string<T...> format, T&&... arguments) {
        return addContext(fmt::format(format, std::forward<T>(arguments)...));
    }
    /// A fact that helps to understand, printed indented below the message.
    Error& detail(std::string line);
    /// What the user may do about it, printed as "hint: ...".
    Error& hint(std::string line);
    Error& status(int exitStatus);

    const char* what() const noexcept override { return sentence_.c_str(); }
    const std::vector<std::string>& details() const { return details_; }
    const std::vector<std::string>& hints() const { return hints_; }
    /// The status with which the program ends because of it (docker's: 1, 125, 126, 127).
    int exitStatus() const { return exitStatus_; }

private:
    Error& addContext(std::string context);

    std::string sentence_;
    std::vector<std::string> details_;
    std::vector<std::string> hints_;
    int exitStatus_;
};

/// Keeps the type in `throw Conflict(...).hint(...)`: what the functions of Error return would be thrown as a plain Error.
template <typename Self>
class TypedError : public Error {
public:
    using Error::Error;

    template <typename... T>
    Self& during(fmt::format_string<T...> format, T&&... arguments) {
        Error::during(format, std::forward<T>(arguments)...);
        return self();
    }
    Self& detail(std::string line) { Error::detail(std::move(line)); return self(); }
    Self& hint(std::string line) { Error::hint(std::move(line)); return self(); }
    Self& status(int exitStatus) { Error::status(exitStatus); return self(); }

private:
    Self& self() { return static_cast<Self&>(*this); }
};

/// A system call failed. The sentence ends with the errno's text.
class SystemError : public TypedError<SystemError> {
public:
    /// `action` says what was tried with which argument: "mount proc on /proc".
    SystemError(std::string_view action, int errnoValue);
    int code() const { return errno_; }

private:
    int errno_;
};

/// The object named does not exist. Commands print docker's wording and end with status 1.
class NotFound : public TypedError<NotFound> {
    using TypedError::TypedError;
};
/// The object exists already or is in use.
class Conflict : public TypedError<Conflict> {
    using TypedError::TypedError;
};

}  // namespace devc::engine
