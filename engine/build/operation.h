#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/image/images.h"

namespace devc::engine::build {

struct Operation;
using OperationPtr = std::shared_ptr<const Operation>;

/// Where files come from: the result of an operation, or a context by name ("" is the main one).
struct Origin {
    OperationPtr operation;
    std::string context;
    std::string label() const;  ///< for messages: "the build context", "stage build"
    std::string name;           ///< of the stage or image, as written
};

enum class MountKind { Bind, Cache, Tmpfs, Secret, Ssh };
enum class Sharing { Shared, Private, Locked };

/// RUN --mount.
struct RunMount {
    MountKind kind = MountKind::Bind;
    std::optional<Origin> from;  ///< bind and cache; nullopt of a cache: empty
    std::string source;          ///< below the origin
    std::string target;          ///< absolute; empty for a secret that is only a variable
    std::string id;
    std::string environment;     ///< the variable that takes the secret
    bool readOnly = true, required = false;
    Sharing sharing = Sharing::Shared;
    std::optional<unsigned> mode;
    std::optional<unsigned> user, group;
    std::uint64_t size = 0;  ///< tmpfs, bytes
};

struct RunStep {
    std::vector<std::string> arguments;
    std::vector<std::pair<std::string, std::string>> environment;
    std::map<std::string, std::string> proxies;  ///< known to the program, not to the cache
    std::string workingDir, user;
    std::vector<RunMount> mounts;
    std::string network;                  ///< "", "none", "host"
    bool insecure = false;                ///< as a privileged container
    std::string scriptName, script;       ///< a here-document with #!: a file in /dev/pipes
};

struct InlineFile {
    std::string name, content;
};

struct CopyStep {
    Origin from;
    std::vector<std::string> sources;  ///< relative to the origin's root
    std::vector<std::string> remote;   ///< URLs of ADD
    std::vector<InlineFile> documents;
    std::string destination;           ///< absolute, with its trailing slash
    std::string owner, mode;           ///< as written, variables replaced
    std::vector<std::string> excludes;
    std::string checksum;
    bool link = false, parents = false, unpack = false, keepGit = false;
};

/// One node of the graph: makes a file system out of that of its parent. A value; equal ones are done once.
struct Operation {
    enum class Kind { Scratch, Image, Run, Copy, Folder } kind = Kind::Scratch;
    OperationPtr parent;  ///< null for Scratch and Image
    std::string title;    ///< "[build 2/5] RUN make"
    int first = 0, last = 0;
    bool noCache = false;
    Image image;
    RunStep run;
    CopyStep copy;
    std::string folder, user;  ///< Folder: what WORKDIR makes, and whose it is

    /// What it does, as bytes without its inputs: part of the cache key. No secret and no proxy is in it.
    std::string definition() const;
};

}  // namespace devc::engine::build
