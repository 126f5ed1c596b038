#pragma once
#include <optional>
#include <string>

#include "engine/transfer/credentials.h"

namespace devc::engine::transfer {

/// A program docker-credential-NAME, which keeps credentials in the keychain of the machine: the protocol of
/// docker-credential-helpers. Each call runs it once and throws Error with what it said when it failed.
class CredentialHelper {
public:
    /// Throws Error for a name with '/'.
    explicit CredentialHelper(const std::string& name);
    std::optional<Credentials> get(const std::string& server) const;
    void store(const std::string& server, const Credentials& credentials) const;
    void erase(const std::string& server) const;

private:
    std::string run(std::string verb, const std::string& input, bool& good) const;
    [[noreturn]] void fail(const std::string& said) const;
    std::string program_;
};

}  // namespace devc::engine::transfer
