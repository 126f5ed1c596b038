#pragma once
#include <string_view>

#include <sys/types.h>

namespace devc::engine::build {

struct Owner {
    uid_t user = 0;
    gid_t group = 0;
};

/// "name", "name:group", "3:4", "55" as --chown and USER write it. Names are looked up in /etc/passwd and /etc/group below
/// `root`. A number without group is its own group; a name's group is that of passwd. As in BuildKit, a user that is not there
/// is root, and a group that is not there leaves that of the user.
Owner lookUpOwner(int root, std::string_view text);

/// Needs looking up: it is not of numbers only.
bool hasNames(std::string_view text);

}  // namespace devc::engine::build
