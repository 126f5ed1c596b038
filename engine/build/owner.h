#pragma once
#include <string_view>

#include <sys/types.h>

namespace devc::engine::build {

struct Owner {
    uid_t user = 0;
    gid_t group = 0;
};

/// "name", "name:group", "3:4", "55" as --chown and USER write it. Names are looked up in /etc/passwd and /etc/group below
/// `root`. A number without group is its own group; a name's group is that of passwd. Throws Error for an unknown name.
Owner lookUpOwner(int root, std::string_view text);

}  // namespace devc::engine::build
