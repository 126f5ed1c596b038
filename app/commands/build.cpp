#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/commands/noun.h"
#include "app/project/bake.h"
#include "app/project/build.h"
#include "app/ui/build_view.h"
#include "app/ui/escape.h"
#include "app/ui/table.h"
#include "compose/graph.h"
#include "engine/build/context_source.h"
#include "engine/build/run_mount.h"
#include "engine/engine.h"
#include "engine/error.h"
#include "engine/linux/fd.h"

namespace devc::app {

using engine::BuildRequest;
using engine::Error;

namespace {

using Arguments = std::map<std::string, std::optional<std::string>>;

Arguments argumentsOf(const std::vector<std::string>& list) {
    Arguments arguments;
    for (const std::string& text : list) {
        const std::size_t equals = text.find('=');
        arguments[text.substr(0, equals)] = equals == std::string::npos ? std::nullopt : std::optional(text.substr(equals + 1));
    }
    return arguments;
}

/// "id=tok,src=tok.txt", "id=tok,env=TOK", "type=env,id=tok".
engine::BuildSecret secretOf(const std::string& text) {
    engine::BuildSecret secret;
    std::string type;
    for (const std::string& field : engine::build::splitFields(text)) {
        const std::size_t equals = field.find('=');
        const std::string key = field.substr(0, equals), value = equals == std::string::npos ? "" : field.substr(equals + 1);
        if (key == "id") secret.id = value;
        else if (key == "src" || key == "source") secret.file = value;
        else if (key == "env") secret.environment = value;
        else if (key == "type") type = value;
        else throw Error::of("unexpected key '{}' in --secret {}", key, text).hint("id, src, env and type are known");
    }
    if (secret.id.empty()) throw Error::of("--secret {} has no id", text);
    if (type == "env" && secret.environment.empty()) {
        secret.environment = secret.file.empty() ? secret.id : secret.file;
        secret.file.clear();
    }
    if (secret.environment.empty() && secret.file.empty()) {
        // docker: a variable of that name, else a file of that name.
        if (std::getenv(secret.id.c_str()) != nullptr) secret.environment = secret.id;
        else secret.file = secret.id;
    }
    if (!secret.file.empty()) {
        if (!std::filesystem::exists(secret.file)) throw Error::of("secret {}: {} does not exist", secret.id, secret.file);
        secret.file = std::filesystem::absolute(secret.file);
    }
    return secret;
}

engine::Ulimit ulimitOf(const std::string& text, const std::string& name) {
    try {
        const std::size_t colon = text.find(':');
        const std::int64_t soft = std::stoll(text.substr(0, colon));
        return {soft, colon == std::string::npos ? soft : std::stoll(text.substr(colon + 1))};
    } catch (const std::exception&) {
        throw Error::of("invalid ulimit {}={}", name, text).hint("write it as nofile=1024:2048");
    }
}

constexpr const char* debugShellHelp = "When a step fails, open a shell in its file system";

struct Flags {
    std::string dockerfile, target, network, platform, idFile, metadataFile, shmSize, progress, context;
    std::vector<std::string> tags, arguments, secrets, ssh, labels, noCacheFilter, contexts, hosts, ulimits, outputs, cacheFrom, cacheTo, allow, ignoredLists;
    std::string ignored;
    bool noCache = false, pull = false, quiet = false, load = false, push = false, check = false, debugShell = false, ignoredFlag = false;
};

std::string readStandardInput() {
    std::string text;
    char buffer[65536];
    for (ssize_t n; (n = ::read(STDIN_FILENO, buffer, sizeof buffer)) != 0;) {
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) throw engine::SystemError("read standard input", errno);
        text.append(buffer, static_cast<std::size_t>(n));
    }
    return text;
}

/// -f is looked for as docker does: as it is from here, or in the context.
std::string dockerfilePath(const Flags& flags) {
    if (flags.dockerfile.empty() || flags.dockerfile == "-") return {};
    if (std::filesystem::exists(flags.dockerfile)) return std::filesystem::absolute(flags.dockerfile);
    return flags.dockerfile;
}

std::string contextPath(const std::string& value) {
    constexpr std::string_view layout = "oci-layout://";
    if (value.starts_with(layout)) return std::string(layout) + std::filesystem::absolute(value.substr(layout.size())).string();
    const bool isPath = value.find("://") == std::string::npos && !engine::build::ContextSource::isAddress(value);
    return isPath ? std::filesystem::absolute(value).string() : value;
}

BuildRequest requestOf(const Flags& flags) {
    BuildRequest request;
    const bool address = engine::build::ContextSource::isAddress(flags.context);
    if (flags.context == "-") {
        if (flags.dockerfile == "-") throw Error("the Dockerfile and the context cannot both come from standard input").status(2);
        request.input = STDIN_FILENO;
    } else if (address) {
        request.context = flags.context;
    } else {
        request.context = std::filesystem::absolute(flags.context);
        if (!std::filesystem::is_directory(request.context))
            throw Error::of("path \"{}\" not found", flags.context).hint("the context is a folder, a git repository, the URL of an archive, or - for standard input");
    }
    if (flags.dockerfile == "-") request.dockerfileText = readStandardInput();
    request.dockerfile = address || flags.context == "-" ? flags.dockerfile == "-" ? "" : flags.dockerfile : dockerfilePath(flags);
    request.arguments = argumentsOf(flags.arguments);
    request.target = flags.target;
    for (const std::string& tag : flags.tags) engine::Reference::parse(tag);
    request.tags = flags.tags;
    request.labels = keyValues(flags.labels);
    for (const auto& [name, value] : keyValues(flags.contexts))
        request.additionalContexts[name] = contextPath(value);
    for (const std::string& secret : flags.secrets) request.secrets.push_back(secretOf(secret));
    request.ssh = flags.ssh;
    request.extraHosts = flags.hosts;
    for (const auto& [name, value] : keyValues(flags.ulimits)) request.ulimits[name] = ulimitOf(value, name);
    request.network = flags.network;
    request.platform = flags.platform;
    if (!flags.shmSize.empty()) request.shmSize = static_cast<std::int64_t>(engine::build::parseBytes(flags.shmSize));
    request.noCache = flags.noCache;
    request.noCacheStages = flags.noCacheFilter;
    request.pull = flags.pull;
    for (const std::string& entitlement : flags.allow) {
        if (entitlement == insecureEntitlement) request.insecure = true;
        else if (entitlement != "network.host" && !entitlement.starts_with("fs")) throw Error::of("--allow {}: no such entitlement", entitlement).hint("security.insecure and network.host are known");
    }
    request.outputs = flags.outputs;
    request.cacheFrom = flags.cacheFrom;
    request.cacheTo = flags.cacheTo;
    request.sourceDateEpoch = sourceDateEpoch(request.arguments);
    return request;
}

/// As docker's: findings on standard output; status 1 if there is one.
void checkDockerfile(const BuildRequest& request, Context& context) {
    const std::vector<engine::BuildFinding> findings = context.engine().builder().check(request);
    if (findings.empty()) return out("Check complete, no warnings found.\n");
    out(fmt::format("Check complete, {} warning{} been found!\n", findings.size(), findings.size() == 1 ? " has" : "s have"));
    const std::string name = request.dockerfile.empty() ? "Dockerfile" : std::filesystem::path(request.dockerfile).filename().string();
    for (const engine::BuildFinding& finding : findings) {
        out(fmt::format("\nWARNING: {}\n{}\n{}:{}\n--------------------\n", finding.rule, escapeText(finding.text), escapeControls(name), finding.line));
        for (const std::string& line : finding.excerpt) out(escapeOutput(line) + "\n");
        out("--------------------\n");
    }
    throw engine::Error(fmt::format("{} check{} failed", findings.size(), findings.size() == 1 ? "" : "s"));
}

void buildImage(const Flags& flags, Context& context) {
    BuildRequest request = requestOf(flags);
    if (flags.check) return checkDockerfile(request, context);
    const std::string& progress = flags.progress.empty() ? context.options.progress : flags.progress;
    const engine::Image image = [&] {
        const bool raw = progress == "rawjson" && !flags.quiet;
        BuildView view(flags.quiet ? ProgressMode::Quiet : parseProgress(raw ? "json" : progress), parseAnsi(context.options.ansi), raw);
        if (flags.debugShell) request.examine = debugShell(view);
        return context.engine().builder().build(request, view.of(""));
    }();
    if (flags.push)
        for (const std::string& tag : flags.tags) context.engine().images().push(tag, [](const std::string&, const std::string&, std::uint64_t, std::uint64_t) {});
    if (!flags.idFile.empty()) engine::writeFileAtomically(flags.idFile, image.id, 0644);
    if (!flags.metadataFile.empty()) {
        nlohmann::json metadata = {{"containerimage.config.digest", image.id}, {"containerimage.digest", image.manifestDigest}};
        if (!flags.tags.empty()) metadata["image.name"] = flags.tags.front();
        engine::writeFileAtomically(flags.metadataFile, metadata.dump(2) + "\n", 0644);
    }
    const bool outputIsTaken = std::any_of(flags.outputs.begin(), flags.outputs.end(), [](const std::string& output) {
        return output == "-" || output.ends_with("dest=-");
    });
    if (!outputIsTaken && (flags.quiet || !::isatty(STDERR_FILENO))) out(image.id + "\n");
}

}  // namespace

namespace {

/// What docker's builders take and what makes no difference here, so that scripts go on.
void addIgnored(CLI::App& command, Flags& flags) {
    constexpr const char* help = "Accepted for scripts; does nothing";
    for (const char* name : {"--compress", "--force-rm", "--rm", "--disable-content-trust"}) command.add_flag(name, flags.ignoredFlag, help)->group("");
    for (const char* name : {"--builder", "--isolation"}) command.add_option(name, flags.ignored, help)->group("");
    for (const char* name : {"--provenance", "--sbom", "--attest"}) addList(command, name, flags.ignoredLists, help)->group("");
}

}  // namespace

void addImageBuild(CLI::App& command, Context& context) {
    auto flags = std::make_shared<Flags>();
    command.add_option("-f,--file", flags->dockerfile, "Dockerfile (default: PATH/Dockerfile); - is standard input");
    addList(command, "-t,--tag", flags->tags, "Name of the image, repeatable");
    addList(command, "--build-arg", flags->arguments, "NAME=value of an ARG");
    command.add_option("--target", flags->target, "Stage to build");
    addList(command, "--secret", flags->secrets, "id=NAME,src=FILE or id=NAME,env=VARIABLE");
    addList(command, "--ssh", flags->ssh, "default or ID=SOCKET of an agent");
    addList(command, "--label", flags->labels, "Label of the image");
    command.add_flag("--no-cache", flags->noCache, "Do every step again");
    addList(command, "--no-cache-filter", flags->noCacheFilter, "Do the steps of this stage again");
    command.add_flag("--pull", flags->pull, "Ask the registry for newer base images");
    command.add_option("--platform", flags->platform, "OS/ARCH");
    addList(command, "--build-context", flags->contexts, "NAME=PATH of an additional context");
    addList(command, "-o,--output", flags->outputs, "DIR, - or type=local|tar|oci|docker|image|registry,dest=PATH");
    command.add_option("--iidfile", flags->idFile, "File that gets the image's id");
    command.add_option("--metadata-file", flags->metadataFile, "File that gets the result as JSON");
    addList(command, "--cache-from", flags->cacheFrom, "IMAGE or type=local,src=DIR or type=registry,ref=NAME: results of steps to take in");
    addList(command, "--cache-to", flags->cacheTo, "type=inline, type=local,dest=DIR or type=registry,ref=NAME; mode=max: of all stages");
    command.add_option("--network", flags->network, "default, none or host for RUN");
    addList(command, "--add-host", flags->hosts, "NAME:ADDRESS for RUN");
    command.add_option("--shm-size", flags->shmSize, "Size of /dev/shm for RUN");
    addList(command, "--ulimit", flags->ulimits, "NAME=SOFT:HARD for RUN");
    command.add_option("--progress", flags->progress, "auto, plain, tty, rawjson, quiet");
    command.add_flag("-q,--quiet", flags->quiet, "Print the image's id only");
    command.add_flag("--load", flags->load, "Accepted: the image is always in the store");
    command.add_flag("--push", flags->push, "Push the tags afterwards");
    command.add_flag("--check", flags->check, "Look for what is unwise in the Dockerfile; build nothing");
    addList(command, "--allow", flags->allow, "security.insecure: grant RUN --security=insecure");
    addIgnored(command, *flags);
    command.add_flag("--debug-shell", flags->debugShell, debugShellHelp);
    command.add_option("context", flags->context, "Folder of the build context, git repository or URL; - reads an archive or a Dockerfile from standard input")->required();
    command.callback([flags, &context] { buildImage(*flags, context); });
}

namespace {

struct ComposeFlags {
    std::vector<std::string> services, arguments, ssh, ignored;
    std::string memory, builder;
    bool noCache = false, pull = false, push = false, quiet = false, withDependencies = false, debugShell = false, print = false, check = false;
};

void addWithDependencies(const compose::Project& project, const std::string& name, std::vector<std::string>& chosen) {
    if (std::find(chosen.begin(), chosen.end(), name) != chosen.end()) return;
    const auto service = project.services.find(name);
    if (service == project.services.end()) throw engine::NotFound(fmt::format("no such service: {}", name));
    for (const auto& [other, dependency] : service->second.dependsOn) addWithDependencies(project, other, chosen);
    chosen.push_back(name);
}

std::vector<std::string> chosenServices(const compose::Project& project, const ComposeFlags& flags) {
    std::vector<std::string> names = flags.services, chosen;
    if (names.empty())
        for (const auto& [name, service] : project.services) names.push_back(name);
    for (const std::string& name : names) {
        if (!project.services.contains(name)) throw engine::NotFound(fmt::format("no such service: {}", name));
        if (flags.withDependencies) addWithDependencies(project, name, chosen);
        else chosen.push_back(name);
    }
    std::erase_if(chosen, [&](const std::string& name) { return !project.services.at(name).build; });
    return chosen;
}

/// All services, each as `image build --check`.
void checkServices(const compose::Project& project, const std::vector<std::string>& services, const BuildOptions& options, Context& context) {
    std::exception_ptr failure;
    for (const std::string& name : services) {
        if (services.size() > 1) out(fmt::format("{}{}: ", name == services.front() ? "" : "\n", name));
        try {
            checkDockerfile(buildRequest(project, project.services.at(name), options), context);
        } catch (const Error&) {
            if (!failure) failure = std::current_exception();
        }
    }
    if (failure) std::rethrow_exception(failure);
}

void buildProject(const ComposeFlags& flags, Context& context) {
    const compose::Project& project = context.project(flags.services);
    BuildOptions options;
    options.arguments = argumentsOf(flags.arguments);
    options.ssh = flags.ssh;
    options.noCache = flags.noCache;
    options.pull = flags.pull;
    options.debugShell = flags.debugShell;
    options.progress = flags.quiet ? ProgressMode::Quiet : parseProgress(context.options.progress);
    options.ansi = parseAnsi(context.options.ansi);
    const std::vector<std::string> services = chosenServices(project, flags);
    if (services.empty()) {
        std::fputs("No services to build\n", stderr);
        return;
    }
    if (flags.print) return out(bakeFile(project, services, options, flags.push).dump(2) + "\n");
    if (flags.check) return checkServices(project, services, options, context);
    for (const auto& [name, id] : buildServices(context.engine(), project, services, options)) {
        const std::string image = project.find(name)->imageOr(project.name);
        if (flags.push) context.engine().images().push(image, [](const std::string&, const std::string&, std::uint64_t, std::uint64_t) {});
        if (!flags.quiet) std::fprintf(stderr, " %s  Built\n", image.c_str());
    }
}

}  // namespace

void addBuild(CLI::App& parent, Context& context) {
    auto flags = std::make_shared<ComposeFlags>();
    CLI::App& command = *parent.add_subcommand("build", "Build or rebuild services");
    addList(command, "--build-arg", flags->arguments, "NAME=value of an ARG");
    addList(command, "--ssh", flags->ssh, "default or ID=SOCKET of an agent");
    command.add_flag("--no-cache", flags->noCache, "Do every step again");
    command.add_flag("--pull", flags->pull, "Ask the registry for newer base images");
    command.add_flag("--push", flags->push, "Push the images afterwards");
    command.add_flag("-q,--quiet", flags->quiet, "Print nothing but errors");
    command.add_flag("--print", flags->print, "Print the equivalent bake file; build nothing");
    command.add_flag("--check", flags->check, "Look for what is unwise in the Dockerfiles; build nothing");
    command.add_flag("--debug-shell", flags->debugShell, debugShellHelp);
    command.add_flag("--with-dependencies", flags->withDependencies, "Build the services that these depend on too");
    command.add_option("-m,--memory", flags->memory, "Accepted for scripts; steps have the machine's memory");
    command.add_option("--builder", flags->builder, "Accepted for scripts; devc is the builder");
    addList(command, "--provenance,--sbom", flags->ignored, "Accepted for scripts; no attestations are made");
    command.add_option("services", flags->services, "SERVICE...");
    command.callback([flags, &context] { buildProject(*flags, context); });
}

}  // namespace devc::app
