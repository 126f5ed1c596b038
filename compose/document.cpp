#include "compose/document.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "compose/environment.h"
#include "compose/interpolate_tree.h"
#include "compose/merge.h"
#include "compose/paths.h"
#include "compose/schema/check.h"
#include "compose/short_forms.h"
#include "compose/source/yaml.h"
#include "compose/unique.h"

namespace devc::compose {
namespace {

using schema::Shape;

[[noreturn]] void fail(Position at, std::string message, std::string hint = {}) {
    throw LoadError({diagnose(at, std::move(message), std::move(hint))});
}

std::string cycleText(const std::vector<std::pair<std::string, std::string>>& visited, const std::string& name, const std::string& file) {
    std::string text = fmt::format("Circular reference:\n  {} in {}", visited[0].second, visited[0].first);
    for (std::size_t i = 1; i < visited.size(); ++i) text += fmt::format("\n  extends {} in {}", visited[i].second, visited[i].first);
    return text + fmt::format("\n  extends {} in {}", name, file);
}

std::vector<std::string_view> keysOf(const Node& map) {
    std::vector<std::string_view> keys;
    for (const Entry& entry : map.entries) keys.push_back(entry.key);
    return keys;
}

void requireFewServices(const Node& document) {
    const Node* services = document.find("services");
    if (!services || services->entries.size() <= Budget::mostServices) return;
    fail(services->at, fmt::format("{} services are too many: a project may have {}", services->entries.size(), Budget::mostServices));
}

constexpr std::string_view shared[] = {"services", "volumes", "networks", "secrets", "configs", "models"};

}  // namespace

void resolveBareVariables(Node& service, const StringMap& outer) {
    Node* environment = service.find("environment");
    if (!environment) return;
    for (Entry& entry : environment->entries) {
        bool bare = environment->isMap() ? entry.value.isNull() : entry.value.isString() && entry.value.text.find('=') == std::string::npos;
        if (!bare) continue;
        auto found = outer.find(environment->isMap() ? entry.key : entry.value.text);
        if (found == outer.end()) continue;
        entry.value = Node::string(environment->isMap() ? found->second : found->first + "=" + found->second, entry.value.at);
    }
}

void DocumentReader::warnOnce(const std::string& text) {
    if (warned_.insert(text).second && options_.warn) options_.warn(text);
}

const std::vector<Node>& DocumentReader::documents(const std::string& file) {
    auto found = read_.find(file);
    if (found != read_.end()) return found->second;
    return read_.emplace(file, parseYaml(readSource(file, sources_))).first->second;
}

Node DocumentReader::read(const StringList& files, const Scope& scope) { return readGroup(files, scope, {}); }

void DocumentReader::interpolateTree(Node& node, const Scope& scope) {
    if (!options_.interpolate) return;
    Problems problems;
    compose::interpolateTree(node, schema::project, scope.environment, sources_.budget, problems, [this](const std::string& text) { warnOnce(text); });
    problems.throwIfAny();
}

Node DocumentReader::readGroup(const StringList& files, const Scope& scope, const StringList& includes) {
    Node all = Node::map();
    bool any = false;
    for (const std::string& file : files) {
        for (Node document : documents(file)) {
            any = true;
            sources_.budget.addValues(countValues(document), document.at);
            if (!document.isMap()) fail(document.at, "the top level of a compose file must be a mapping");
            requireFewServices(document);
            interpolateTree(document, scope);
            if (document.find("version")) warnOfVersion(file);
            StringList below = includes;
            below.push_back(file);
            includeOthers(document, scope, below);
            extendServices(document, file, {}, scope);
            putOver(all, std::move(document));
        }
    }
    if (!any && includes.empty()) throw LoadError(fmt::format("empty compose file: {}", files.front()), "a compose file begins with `services:`");
    requireFewServices(all);
    return all;
}

void DocumentReader::putOver(Node& all, Node document) {
    merge(all, std::move(document), schema::project, {});
    dropResets(all);
    dropReplaced(all, schema::project);
    Problems problems;
    schema::check(all, schema::project, {}, problems);
    problems.throwIfAny();
    all.erase("version");
    warnOfExternalNames(all);
    const std::size_t before = countValues(all);
    expandAll(all, schema::project, {}, !options_.interpolate, problems);
    problems.throwIfAny();
    sources_.budget.addValues(countValues(all) - before, all.at);
    dropReplaced(all, schema::project);
}

/// `extends` and `include` are gone before the document is checked. Docker Compose ignores what it doesn't know in them.
void DocumentReader::checkReference(const Node& node, const Shape& shape, const std::string& path) {
    Problems problems;
    schema::check(node, shape, path, problems);
    problems.throwIfAny();
    auto warn = [&](const Node& value, const Shape& known, const std::string& place) {
        for (const Entry& entry : value.entries) {
            if (!value.isMap() || known.attribute(entry.key)) continue;
            warnOnce(fmt::format("{}: the attribute `{}` is not known, it is ignored", place, entry.key));
        }
    };
    warn(node, shape, path);
    if (!shape.items) return;
    for (std::size_t i = 0; i < node.entries.size(); ++i) warn(node.entries[i].value, *shape.items, fmt::format("{}.{}", path, i));
}

std::string DocumentReader::fetch(const Node& node) {
    try {
        if (!options_.remote) throw std::runtime_error("only local files are read here");
        return options_.remote->fetch(node.text, NamedBy::File, [this](const std::string& text) { warnOnce(text); });
    } catch (const std::exception& error) {
        fail(node.at, fmt::format("remote resource {}: {}", node.text, error.what()), "or fetch it yourself and name the local file");
    }
}

void DocumentReader::warnOfExternalNames(const Node& document) {
    for (const Entry& section : document.entries) {
        for (const Entry& resource : section.value.entries) {
            const Node* external = resource.value.find("external");
            if (!external || !external->find("name") || section.key.starts_with("x-")) continue;
            warnOnce(fmt::format("{}.{}: external.name is deprecated. Please set name and external: true", section.key, resource.key));
        }
    }
}

Unset DocumentReader::unset() {
    return [this](std::string_view name) { warnOnce(unsetText(name)); };
}

void DocumentReader::warnOfVersion(const std::string& file) {
    warnOnce(fmt::format("{}: the attribute `version` is obsolete, it will be ignored, please remove it to avoid potential confusion", file));
}

void DocumentReader::extendServices(Node& document, const std::string& file, const std::string& folder, const Scope& scope) {
    Node* services = document.find("services");
    if (!services || services->tag == Tag::Reset) return;
    if (!services->isMap()) fail(services->at, "services must be a mapping");
    std::vector<std::string> names;
    for (const Entry& entry : services->entries) {
        if (entry.value.find("extends")) names.push_back(entry.key);
    }
    for (const std::string& name : names) extendService(*services, name, file, folder, scope, {});
}

void DocumentReader::extendService(Node& services, const std::string& name, const std::string& file, const std::string& folder,
                                   const Scope& scope, Visited visited) {
    Node* service = services.find(name);
    // Its own paths belong to its own file; those of what it extends are resolved already when the two are merged.
    auto known = bases_.find(file);
    bool isResolved = known != bases_.end() && !known->second.resolved.insert(name).second;
    if (service && !folder.empty() && !isResolved) resolveOwn(*service, name, folder);
    const Node* extends = service ? service->find("extends") : nullptr;
    if (!extends || extends->tag == Tag::Reset) return;
    checkReference(*extends, schema::service.attribute("extends")->shape, fmt::format("services.{}.extends", name));
    if (std::find(visited.begin(), visited.end(), std::pair(file, name)) != visited.end()) {
        fail(extends->at, cycleText(visited, name, file));
    }
    if (visited.size() >= Budget::deepest) fail(extends->at, fmt::format("services extend each other more than {} times in a row", Budget::deepest));
    visited.emplace_back(file, name);
    Node reference = *extends;
    expandStructure(reference, schema::Form::Extends);
    std::string base(reference.textOf("service"));
    if (base.empty()) fail(reference.at, fmt::format("services.{}.extends.service is required", name));
    if (!reference.find("file")) extendService(services, base, file, folder, scope, visited);
    Node merged = baseService(services, reference, name, file, folder, scope, visited);
    dropResets(merged);
    service = services.find(name);
    service->erase("extends");
    merge(merged, std::move(*service), schema::service, "services." + name);
    merged.erase("extends");
    *service = std::move(merged);
}

Node DocumentReader::baseService(const Node& services, const Node& extends, const std::string& name, const std::string& file,
                                 const std::string& folder, const Scope& scope, const Visited& visited) {
    if (extends.find("file")) return baseFromFile(extends, name, folder, scope, visited);
    std::string base(extends.textOf("service"));
    const Node* found = services.find(base);
    if (!found) {
        fail(extends.at, fmt::format("cannot extend service \"{}\" in {}: service \"{}\" not found", name, file, base),
             didYouMean(base, keysOf(services)));
    }
    sources_.budget.addValues(countValues(*found), extends.at);
    Node copy = *found;
    if (copy.isNull()) copy = Node::map(copy.at);
    return copy;
}

Node DocumentReader::baseFromFile(const Node& extends, const std::string& name, const std::string& folder, const Scope& scope,
                                  const Visited& visited) {
    const Node& file = *extends.find("file");
    std::string relative = isRemote(file.text) ? fetch(file) : joinPath(folder, file.text);
    std::string path = joinPath(scope.folder, relative);
    std::string base(extends.textOf("service"));
    try {
        documents(path);
    } catch (const LoadError& error) {
        if (error.diagnostics().front().file.empty()) fail(file.at, error.diagnostics().front().message);
        throw;
    }
    Node& services = servicesOf(path, scope);
    if (!services.find(base)) {
        fail(file.at, fmt::format("cannot extend service \"{}\": service \"{}\" not found in {}", name, base, path),
             didYouMean(base, keysOf(services)));
    }
    std::string itsFolder = folderOf(relative);
    extendService(services, base, path, itsFolder, scope, visited);
    const Node& service = *services.find(base);
    sources_.budget.addValues(countValues(service), extends.at);
    return service;
}

/// Long forms and paths of a service in another file.
void DocumentReader::resolveOwn(Node& service, const std::string& name, const std::string& folder) {
    Problems problems;
    expandAll(service, schema::service, "services." + name, !options_.interpolate, problems);
    problems.throwIfAny();
    resolvePaths(service, schema::service, folder, options_.home);
}

/// The services of all documents of a file, merged: once for all the services of a group that extend one of them.
Node& DocumentReader::servicesOf(const std::string& path, const Scope& scope) {
    auto [known, fresh] = bases_.try_emplace(path);
    if (!fresh) return known->second.services;
    Node all = Node::map();
    for (Node document : documents(path)) {
        sources_.budget.addValues(countValues(document), document.at);
        interpolateTree(document, scope);
        merge(all, std::move(document), schema::project, {});
        dropResets(all);
        dropReplaced(all, schema::project);
    }
    Node* services = all.find("services");
    if (services && services->isMap()) known->second.services = std::move(*services);
    return known->second.services;
}

void DocumentReader::includeOthers(Node& document, const Scope& scope, const StringList& includes) {
    Node* include = document.find("include");
    if (!include) return;
    Node list = std::move(*include);
    document.erase("include");
    if (list.isNull() || list.tag == Tag::Reset) return;
    checkReference(list, schema::project.attribute("include")->shape, "include");
    Node others = Node::map(list.at);
    for (Entry& entry : list.entries) {
        Node one = includeOne(entry.value, scope, includes);
        merge(one, std::move(others), schema::project, {});
        others = std::move(one);
    }
    merge(others, std::move(document), schema::project, {});
    document = std::move(others);
}

Node DocumentReader::includeOne(const Node& include, const Scope& scope, const StringList& includes) {
    Node entry = include;
    expandStructure(entry, schema::Form::Include);
    auto texts = [&](std::string_view key) {
        StringList list;
        Node* found = entry.find(key);
        if (!found) return list;
        expandStructure(*found, schema::Form::StringAsList);
        for (Entry& item : found->entries) {
            list.push_back(isRemote(item.value.text) ? fetch(item.value) : joinPath(scope.folder, item.value.scalarText()));
        }
        return list;
    };
    StringList files = texts("path");
    if (files.empty()) fail(entry.at, "include.path is required");
    for (const std::string& file : files) {
        if (std::find(includes.begin(), includes.end(), file) == includes.end()) continue;
        std::string chain = "include cycle detected:\n" + includes.front();
        for (std::size_t i = 1; i < includes.size(); ++i) chain += "\n include " + includes[i];
        fail(entry.at, chain + "\n include " + file);
    }
    for (const std::string& file : files) {
        if (!isRegularFile(file)) fail(entry.at, fmt::format("open {}: no such file or directory", file));
    }
    Scope inner = scope;
    std::string_view folder = entry.textOf("project_directory");
    inner.folder = folder.empty() ? folderOf(files.front()) : joinPath(scope.folder, folder);
    if (!folder.empty() && !isFolder(inner.folder)) inner.folder = folderOf(inner.folder);
    StringList envFiles = texts("env_file");
    if (envFiles.empty() && isRegularFile(joinPath(inner.folder, ".env"))) envFiles.push_back(joinPath(inner.folder, ".env"));
    for (const std::string& file : envFiles) {
        if (!isRegularFile(file)) fail(entry.at, fmt::format("open {}: no such file or directory", file));
    }
    StringMap defaults = readEnvFiles(envFiles, scope.environment, sources_, unset());
    inner.environment.insert(defaults.begin(), defaults.end());

    if (includes.size() >= Budget::deepest) fail(entry.at, fmt::format("files include each other more than {} times in a row", Budget::deepest));
    auto outerBases = std::exchange(bases_, {});  // they are interpolated with the outer variables
    Node imported = readGroup(files, inner, includes);
    bases_ = std::move(outerBases);
    resolvePaths(imported, schema::project, inner.folder, options_.home);
    Node result = Node::map(entry.at);
    for (std::string_view section : shared) {
        if (Node* found = imported.find(section)) result.set(section, std::move(*found));
    }
    if (Node* services = result.find("services")) {
        addBareVariables(sources_.budget, result, inner.environment);
        for (Entry& service : services->entries) resolveBareVariables(service.value, inner.environment);
    }
    return result;
}

}  // namespace devc::compose
