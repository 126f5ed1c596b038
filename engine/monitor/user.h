#pragma once
#include <string>
#include <vector>

#include <sys/types.h>

namespace devc::engine {

/// Who a program in a container runs as.
struct ContainerUser {
    uid_t uid = 0;
    gid_t gid = 0;
    std::vector<gid_t> groups;  ///< the own one, the supplementary ones, those of group_add
    std::string home = "/";
};

/// Resolves "", "name", "uid", "name:group", "uid:gid" and groups (names or numbers) by /etc/passwd and /etc/group below
/// `root` (a descriptor of the container's root; the files are opened within it). The rules are docker's: a number needs
/// no entry; a name must have one; without a group the entry's group, and the groups that list the user, hold.
/// Throws Error "unable to find user NAME: no matching entries in passwd file".
ContainerUser findUser(int root, const std::string& user, const std::vector<std::string>& additionalGroups);

}  // namespace devc::engine
