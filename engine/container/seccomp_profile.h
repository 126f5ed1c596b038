#pragma once
#include <set>
#include <string>
#include <vector>

#include "engine/host.h"

namespace devc::engine {

/// The compiled filter for a container with these options and capabilities ("CAP_CHOWN"): a file under
/// <state>/cache/seccomp named by the digest of all that went in, made if it is not there. Empty: no filter.
/// `securityOptions`: the last of "seccomp=unconfined", "seccomp=builtin", "seccomp=FILE", "seccomp={JSON}" counts
/// (':' for '=' as in old compose files); none: the built-in profile unless `privileged`. Throws Error on a bad profile.
std::string seccompFilter(const Host&, const std::vector<std::string>& securityOptions, bool privileged,
                          const std::set<std::string>& capabilities);

/// The same choice of a profile as JSON of the OCI runtime specification. Empty: no filter.
std::string seccompForRuntime(const std::vector<std::string>& securityOptions, bool privileged, const std::set<std::string>& capabilities);

}  // namespace devc::engine
