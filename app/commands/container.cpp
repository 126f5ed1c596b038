#include "app/commands/container.h"

#include "app/commands/noun.h"

namespace devc::app {

void addContainer(CLI::App& parent, Context& context) {
    static const std::vector<Subcommand> table = {
        {"attach", {}, "Attach local standard input, output, and error streams to a running container", addContainerAttach},
        {"commit", {}, "Create a new image from a container's changes", addContainerCommit},
        {"cp", {}, "Copy files/folders between a container and the local filesystem", addContainerCopy},
        {"create", {}, "Create a new container", addContainerCreate},
        {"diff", {}, "Inspect changes to files or directories on a container's filesystem", addContainerDiff},
        {"exec", {}, "Execute a command in a running container", addContainerExec},
        {"export", {}, "Export a container's filesystem as a tar archive", addContainerExport},
        {"inspect", {}, "Display detailed information on one or more containers", addContainerInspect},
        {"kill", {}, "Kill one or more running containers", addContainerKill},
        {"logs", {}, "Fetch the logs of a container", addContainerLogs},
        {"ls", {"list", "ps"}, "List containers", addContainerList},
        {"pause", {}, "Pause all processes within one or more containers", addContainerPause},
        {"port", {}, "List port mappings or a specific mapping for the container", addContainerPort},
        {"prune", {}, "Remove all stopped containers", addContainerPrune},
        {"rename", {}, "Rename a container", addContainerRename},
        {"restart", {}, "Restart one or more containers", addContainerRestart},
        {"rm", {"remove"}, "Remove one or more containers", addContainerRemove},
        {"run", {}, "Create and run a new container from an image", addContainerRun},
        {"start", {}, "Start one or more stopped containers", addContainerStart},
        {"stats", {}, "Display a live stream of container(s) resource usage statistics", addContainerStats},
        {"stop", {}, "Stop one or more running containers", addContainerStop},
        {"top", {}, "Display the running processes of a container", addContainerTop},
        {"unpause", {}, "Unpause all processes within one or more containers", addContainerUnpause},
        {"update", {}, "Update configuration of one or more containers", addContainerUpdate},
        {"wait", {}, "Block until one or more containers stop, then print their exit codes", addContainerWait},
    };
    addNoun(parent, context, "container", "Manage containers", table);
}

}  // namespace devc::app
