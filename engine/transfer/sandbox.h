#pragma once
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "engine/transfer/registry_settings.h"

namespace devc::engine::transfer {

/// What a verb needs. What it does not need is taken away before it reads what strangers have written, so that an error in
/// a decompressor or a parser does not give the machine away.
struct VerbTerms {
    std::string_view name;
    bool network = false;   ///< asks registries
    bool store = false;     ///< works in the store's folders (and in the request's `folder`)
    bool owners = false;    ///< makes files of others, devices, attributes
    bool overlay = false;   ///< reads or writes overlayfs' own attributes
    bool programs = false;  ///< starts the user's credential helpers and changes the user's configuration
};
/// Throws Error for a verb that there is not.
const VerbTerms& termsOf(std::string_view verb);

/// Mounts of its own in which no device can be opened. Before anything of the store is.
void leaveDevices(const VerbTerms& terms);
/// no_new_privs, fewer capabilities, landlock, seccomp; for good. Before the first thread. Throws SystemError.
void confine(const VerbTerms& terms, const nlohmann::json& request, const RegistrySettings& registries);

}  // namespace devc::engine::transfer
