#pragma once
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/launch/launch.h"
#include "engine/spec.h"
#include "engine/launch/state.h"
#include "engine/host.h"
#include "engine/leftover.h"
#include "engine/state/database.h"

namespace devc::engine {

class ContainerRoot;
class Images;
class Networks;
class Volumes;
class Events;
struct CommitRequest;
struct FileChange;
struct Image;
struct ProcessTable;
struct Record;

/// One address of a container on a network, as leased.
struct EndpointInfo {
    std::string networkId, networkName, bridge, interfaceName;
    std::string ipv4, ipv6, gateway4, gateway6, mac;  ///< addresses without prefix
    int prefix4 = 0, prefix6 = 0;
    std::vector<std::string> aliases;
    std::vector<PortBinding> published;  ///< with the host ports really taken; empty while stopped
    bool active = false;
};

struct Container {
    std::string id;  ///< 64 hexadecimal digits
    std::string name;
    ContainerSpec spec;   ///< complete: imageId, generated names, anonymous volumes' names filled in
    std::string created;  ///< RFC 3339
    ContainerState state;
    std::vector<EndpointInfo> endpoints;
    /// The command line as it runs: entrypoint and command, of the image where the spec has none.
    std::vector<std::string> arguments;
};

struct ContainerFilter {
    bool all = true;  ///< false: running, paused and restarting ones only
    std::map<std::string, std::string> labels;  ///< all must match; an empty value: any
    std::string name;                           ///< part of the name
};

struct LogQuery {
    bool follow = false, timestamps = false;
    std::optional<std::int64_t> tail;     ///< lines
    std::string since, until;             ///< RFC 3339, Unix seconds or a duration like "10m"
    std::function<void()> caughtUp;       ///< with follow: called whenever all that is there has been read
};
struct LogLine {
    std::string_view time;   ///< RFC 3339 with nanoseconds
    bool stderr_ = false;
    std::string_view text;   ///< with its newline if it had one
};

/// Containers of the engine: their records (database), folders and life. Safe to use from several threads.
/// Names are looked up as docker does: full id, name, then unambiguous id prefix.
class Containers {
public:
    Containers(const Host&, Database&, Images&, Networks&, Volumes&, Events&);
    ~Containers();

    /// Makes the record, folders, leases and (anonymous, missing named) volumes in one transaction; nothing runs yet.
    /// Throws Conflict if the name is taken.
    Container create(ContainerSpec);
    std::vector<Container> list(const ContainerFilter& = {}) const;  ///< one query, then one state file each; newest first
    Container find(const std::string& nameOrId) const;               ///< throws NotFound "No such container: x"

    /// Ports bound, firewall of all of them set in one transaction, names made known. A busy port throws before anything
    /// has changed, with the name and pid of its holder where it can be told. start() does it itself if it was not done.
    void prepareStart(const std::vector<std::string>& ids);
    /// Returns what this host could not do of what was asked for, a sentence each.
    std::vector<std::string> start(const std::string& id, const Attachment* attachment = nullptr);
    /// Who stops several at once settles them together, with settle().
    void stop(const std::string& id, std::optional<Nanoseconds> timeout = {}, std::optional<int> signal = {},
              After after = After::MonitorSettles);
    void restart(const std::string& id, std::optional<Nanoseconds> timeout = {});
    void kill(const std::string& id, int signal);
    void pause(const std::string& id);
    void unpause(const std::string& id);
    void rename(const std::string& id, const std::string& name);
    /// Changes limits and restart policy: `change` gets the specification. Limits of a running container hold at once, a
    /// restart policy from its next start. Throws Error naming the limit that the kernel refuses; nothing changed then.
    /// Returns sentences about what this host cannot limit.
    std::vector<std::string> update(const std::string& id, const std::function<void(ContainerSpec&)>& change);
    int wait(const std::string& id);  ///< exit code
    /// `force` kills first. `volumes` removes its anonymous volumes too. Removing what does not exist throws NotFound.
    void remove(const std::string& nameOrId, bool force, bool volumes);
    /// Several at once: one firewall transaction, one name table update a network. Those that are gone by now removed themselves
    /// (autoRemove), or another command did: that is what was asked for.
    void removeAll(const std::vector<std::string>& ids, bool force, bool volumes);

    int exec(const std::string& id, const ExecSpec&);
    /// The same apart from the caller's stdio and signals; `output` gets what the program writes, as it comes.
    int execCaptured(const std::string& id, const ExecSpec&, const std::function<void(std::string_view)>& output);
    /// Calls `line` for each line in order; with follow until the container has ended or `line` returns false.
    void logs(const std::string& id, const LogQuery&, const std::function<bool(const LogLine&)>& line) const;

    /// Its files, for engine/container/copy.h. `bare`: without what is mounted in it.
    ContainerRoot openRoot(const std::string& id, bool bare = false) const;
    /// Its configs and secrets as it sees them: their contents are in no record. A secret that a reboot took away is left out.
    std::vector<FileSpec> configsAndSecrets(const Container&) const;
    /// What it has changed in the files of its image.
    std::vector<FileChange> changes(const std::string& id) const;
    /// An image of its files as they are; a running one stands still meanwhile unless the request says otherwise.
    Image commit(const std::string& id, const CommitRequest&);
    /// Its processes; `options` are ps's (engine/container/top.h). Throws Conflict if it does not run.
    ProcessTable top(const std::string& id, const std::vector<std::string>& options) const;

    void connect(const std::string& id, const NetworkAttachment&);
    void disconnect(const std::string& id, const std::string& network, bool force);

    /// Of those that have ended: frees ports and names in one firewall transaction, removes with autoRemove. Done by
    /// `devc system reap <id>` after a container's last exit, unless who stopped it does it.
    void settle(const std::vector<std::string>& ids);

    /// What is on disk and in the kernel for containers that there are not, or that have ended.
    std::vector<Leftover> leftovers();

    /// docker's `inspect` JSON, an object.
    nlohmann::json inspect(const std::string& nameOrId) const;

private:
    /// Bound sockets of containers whose start was prepared, until they are handed over or given up.
    class Reservations;

    std::vector<Container> withState(std::vector<Record> records) const;
    void collectLeftovers();
    void emit(const std::string& action, const Record&, std::map<std::string, std::string> attributes = {});
    LaunchFiles launchFiles(const Record&, const Attachment*);
    std::string idForExec(const std::string& given) const;
    void removeStopped(const std::vector<Record>&, bool volumes);

    const Host& host_;
    Database& database_;
    Images& images_;
    Networks& networks_;
    Volumes& volumes_;
    Events& events_;
    std::unique_ptr<Reservations> reservations_;
    std::once_flag leftoversCollected_;
};

}  // namespace devc::engine
