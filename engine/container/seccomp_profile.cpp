#include "engine/container/seccomp_profile.h"

#include <filesystem>
#include <optional>
#include <sys/utsname.h>
#include <unistd.h>

#include "engine/container/seccomp_default.h"
#include "engine/digest.h"
#include "engine/error.h"
#include "engine/linux/fd.h"
#include "engine/linux/seccomp.h"

namespace devc::engine {

namespace {

/// Changes when the compiler of profiles changes its output.
constexpr std::string_view compilerVersion = "1";

std::optional<std::string> choiceOf(const std::vector<std::string>& securityOptions) {
    std::optional<std::string> choice;
    for (const std::string& option : securityOptions) {
        if (option.starts_with("seccomp=") || option.starts_with("seccomp:")) choice = option.substr(8);
    }
    return choice;
}

/// The text of the profile, or nothing where there is to be no filter.
std::optional<std::string> profileOf(const std::vector<std::string>& securityOptions, bool privileged) {
    std::optional<std::string> choice = choiceOf(securityOptions);
    if (choice == "unconfined" || (!choice && privileged)) return {};
    if (!choice || *choice == "builtin") return std::string(defaultSeccompProfile);
    return choice->starts_with("{") ? *choice : readFile(*choice);
}

std::string keyOf(std::string_view profile, const std::set<std::string>& capabilities) {
    utsname names{};
    ::uname(&names);
    Sha256 digest;
    for (std::string_view part : {compilerVersion, std::string_view(names.machine), std::string_view(names.release), profile}) {
        digest.update(part);
        digest.update(std::string_view("\0", 1));
    }
    for (const std::string& capability : capabilities) digest.update(capability + " ");
    return digest.finish();
}

}  // namespace

std::string seccompFilter(const Host& host, const std::vector<std::string>& securityOptions, bool privileged,
                          const std::set<std::string>& capabilities) {
    std::optional<std::string> chosen = profileOf(securityOptions, privileged);
    if (!chosen) return {};
    const std::string& profile = *chosen;
    std::filesystem::path file = host.stateDir / "cache" / "seccomp" / keyOf(profile, capabilities);
    if (::access(file.c_str(), R_OK) == 0) return file.string();
    std::filesystem::create_directories(file.parent_path());
    writeFileAtomically(file.string(), compileSeccomp(profile, capabilities));
    return file.string();
}

std::string seccompForRuntime(const std::vector<std::string>& securityOptions, bool privileged, const std::set<std::string>& capabilities) {
    std::optional<std::string> profile = profileOf(securityOptions, privileged);
    return profile ? plainSeccomp(*profile, capabilities) : std::string();
}

}  // namespace devc::engine
