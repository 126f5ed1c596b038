#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "engine/transfer/credentials.h"

namespace devc::engine::transfer {

/// What the administrator of this machine says about registries: the keys of dockerd's /etc/docker/daemon.json, and the same
/// ones in config.json of devc's own folder ($DEVC_CONFIG_DIR, else /etc/devc), which add to them.
struct RegistrySettings {
    std::vector<std::string> mirrors;       ///< registry-mirrors: asked before docker.io, in this order; URLs without '/' at the end
    std::vector<std::string> insecure;      ///< insecure-registries, and DEVC_INSECURE_REGISTRIES: host[:port] or address/bits
    std::vector<std::string> realms;        ///< credential-realms (devc's): hosts of token services that get the credentials of every registry
    std::vector<std::filesystem::path> certificates;  ///< folders certs.d, the first one that knows a host counts
    std::map<std::string, KeptCredentials> credentials;  ///< of the registries that are going to be asked; others' are looked up when they are
    unsigned downloads = 3, uploads = 5;    ///< max-concurrent-downloads, max-concurrent-uploads

    /// Throws Error naming the file and the key that is wrong.
    static RegistrySettings load();

    /// Plain HTTP and unknown certificates are accepted: what was named, and this machine itself (as docker has it).
    bool isInsecure(const std::string& domain) const;
    /// <certs.d>/host[:port]; empty if there is none.
    std::filesystem::path certificatesOf(const std::string& domain) const;
};

bool isLoopback(const std::string& domain);

}  // namespace devc::engine::transfer
