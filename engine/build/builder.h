#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/host.h"
#include "engine/image/images.h"

namespace devc::engine {

class Networks;

class Error;

/// A step that failed, while what it did still stands and no other step of its build runs.
struct FailedStep {
    std::string title;  ///< "[2/5] RUN make"
    const Error& failure;
    /// Runs a shell with the caller's terminal in the step's file system: with the container, mounts, variables, folder and
    /// user of a RUN. What it changes is lost. Returns its exit status; throws Error if there is no shell.
    std::function<int()> shell;
};

struct BuildSecret {
    std::string id, file, environment;
};

struct BuildRequest {
    std::filesystem::path context;   ///< folder, or the address of a git repository or archive; empty with a Dockerfile text only
    int input = -1;                  ///< a descriptor that the context is read from instead: an archive or a Dockerfile; -1: none
    std::string dockerfile;          ///< path, relative to the context; empty: Dockerfile
    std::optional<std::string> dockerfileText;  ///< dockerfile_inline or stdin
    std::map<std::string, std::optional<std::string>> arguments;  ///< nullopt: from the environment
    std::string target;
    std::vector<std::string> tags;
    std::map<std::string, std::string> labels;
    std::map<std::string, std::string> additionalContexts;  ///< name -> path, address as above, docker-image://, oci-layout://
    std::vector<BuildSecret> secrets;
    std::vector<std::string> extraHosts;
    std::string network, platform;
    std::int64_t shmSize = 0;
    bool noCache = false, pull = false;
    bool insecure = false;                           ///< RUN --security=insecure is granted: entitlement security.insecure
    std::vector<std::string> noCacheStages;          ///< --no-cache-filter
    std::vector<std::string> cacheFrom, cacheTo;     ///< "type=local,src=DIR", "type=registry,ref=NAME", ...: see cache_exchange.h
    std::vector<std::string> ssh;                    ///< "default", "id=socket"
    std::map<std::string, Ulimit> ulimits;           ///< of RUN steps
    std::optional<std::int64_t> sourceDateEpoch;     ///< seconds: time of the image and the latest of its files
    std::function<void(const FailedStep&)> examine;  ///< called for the step that makes the build fail, before its error is thrown
    std::vector<std::string> outputs;  ///< "type=oci,tar=false,dest=DIR", "DIR", "-", ...; the image is always in the store too
};

/// Progress of a build: a step began, printed a line, ended, was cached, failed, was given up because another one failed.
struct BuildProgress {
    enum Kind { Started, Output, Finished, Cached, Failed, Canceled, Warning } kind;
    std::string step;  ///< "[2/5] RUN apt-get update"
    std::string text;
};

/// What `--check` finds: a rule of good Dockerfiles that a line breaks.
struct BuildFinding {
    std::string rule, text;
    int line = 0;
    std::vector<std::string> excerpt;  ///< the lines around it
};

/// A layer that the build cache keeps.
struct BuildCacheEntry {
    std::string id;       ///< its chain id, hexadecimal digits
    std::string title;    ///< the step that made it: "RUN make"
    std::string created;  ///< RFC 3339
    std::uint64_t size = 0;
};

/// Builds Dockerfiles: parse -> graph of operations -> run what has no cached result -> image in the store.
class Builder {
public:
    Builder(const Host&, Database&, Images&, Networks&);
    Image build(const BuildRequest&, const std::function<void(const BuildProgress&)>&);
    /// Reads the Dockerfile and builds nothing. Throws Error where it is wrong.
    std::vector<BuildFinding> check(const BuildRequest&);
    /// Forgets the build cache and removes what only it kept; returns the bytes freed.
    std::uint64_t prune();
    std::vector<BuildCacheEntry> cache() const;
private:
    const Host& host_;
    Database& database_;
    Images& images_;
    Networks& networks_;
};

}  // namespace devc::engine
