#pragma once
#include <map>
#include <string>

#include "engine/transfer/registry_settings.h"

namespace devc::engine::transfer {

/// How a TLS server proves itself, and devc to it.
struct TlsTerms {
    std::string authorities;       ///< PEM texts of certs.d/HOST/*.crt, beside the system's
    std::string certificate, key;  ///< files of certs.d/HOST: NAME.cert and NAME.key; empty: none
    bool verify = true;
};

/// The terms for each server. Not safe to use from several threads.
class Trust {
public:
    explicit Trust(const RegistrySettings& settings) : settings_(settings) {}
    /// `domain`: host[:port] of an https URL. Throws Error where a certificate lacks its key.
    const TlsTerms& of(const std::string& domain);

private:
    TlsTerms read(const std::string& domain) const;

    const RegistrySettings& settings_;
    std::map<std::string, TlsTerms> known_;
};

}  // namespace devc::engine::transfer
