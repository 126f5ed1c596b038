#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compose/model/mapping.h"
#include "compose/interpolate.h"
#include "compose/problems.h"
#include "compose/remote.h"
#include "compose/schema/schema.h"
#include "compose/source/node.h"

namespace devc::compose {

/// Reads files into one tree: interpolation, extends, include, merge, long forms. Nothing is normalised yet.
class DocumentReader {
public:
    struct Options {
        bool interpolate = true;
        bool resolvePaths = true;
        std::string home;
        std::function<void(const std::string&)> warn;
        std::shared_ptr<RemoteFiles> remote;
    };
    /// Where a group of files belongs: their project directory and the environment for their variables.
    struct Scope {
        std::string folder;
        StringMap environment;
    };

    DocumentReader(Sources& sources, Options options) : sources_(sources), options_(std::move(options)) {}

    /// The tree of `files`, the later ones over the earlier. Throws LoadError.
    Node read(const StringList& files, const Scope& scope);
    /// The documents of one file as they stand; read once.
    const std::vector<Node>& documents(const std::string& file);
    Budget& budget() { return sources_.budget; }
    /// Frees what it has read: a big file's trees need not stay until the project is made.
    void forgetFiles() { read_.clear(); }

    /// Warns, once for each name, of variables that nothing sets.
    Unset unset();

private:
    using Visited = std::vector<std::pair<std::string, std::string>>;

    Node readGroup(const StringList& files, const Scope& scope, const StringList& includes);
    void putOver(Node& all, Node document);
    void checkReference(const Node& node, const schema::Shape& shape, const std::string& path);
    std::string fetch(const Node& node);
    void warnOfExternalNames(const Node& document);
    void warnOfVersion(const std::string& file);
    void interpolateTree(Node& node, const Scope& scope);
    void extendServices(Node& document, const std::string& file, const std::string& folder, const Scope& scope);
    void resolveOwn(Node& service, const std::string& name, const std::string& folder);
    void extendService(Node& services, const std::string& name, const std::string& file, const std::string& folder,
                       const Scope& scope, Visited visited);
    Node baseService(const Node& services, const Node& extends, const std::string& name, const std::string& file,
                     const std::string& folder, const Scope& scope, const Visited& visited);
    Node baseFromFile(const Node& extends, const std::string& name, const std::string& folder, const Scope& scope,
                      const Visited& visited);
    Node& servicesOf(const std::string& path, const Scope& scope);
    void includeOthers(Node& document, const Scope& scope, const StringList& includes);
    Node includeOne(const Node& include, const Scope& scope, const StringList& includes);
    void warnOnce(const std::string& text);

    struct OtherFile {
        Node services = Node::map();
        std::set<std::string> resolved;  // services whose own paths are resolved already
    };

    Sources& sources_;
    Options options_;
    std::map<std::string, std::vector<Node>> read_;
    std::map<std::string, OtherFile> bases_;  // that services of the group being read extend
    std::set<std::string> warned_;
};

/// Values of `environment` without one (A in [A], or A: null) from the variables of `outer`, where it has them.
void resolveBareVariables(Node& service, const StringMap& outer);

}  // namespace devc::compose
