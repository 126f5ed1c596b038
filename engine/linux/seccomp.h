#pragma once
#include <set>
#include <string>
#include <string_view>

namespace devc::engine {

/// Compiles a seccomp profile in docker's JSON format (defaultAction, archMap or architectures, syscalls with names, action,
/// args, errnoRet, includes and excludes by caps, arches and minKernel) for a process with the capabilities ("CAP_CHOWN")
/// on this machine and kernel. Returns the BPF program (struct sock_filter, as seccomp(2) takes it).
/// Throws Error on a profile that cannot be understood. Costs 2-3 ms for docker's profile: keep the result.
std::string compileSeccomp(std::string_view profile, const std::set<std::string>& capabilities);

/// The same choice of rules as JSON of the OCI runtime specification ("linux.seccomp"), for another runtime to compile.
std::string plainSeccomp(std::string_view profile, const std::set<std::string>& capabilities);

}  // namespace devc::engine
