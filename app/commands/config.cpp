#include <algorithm>
#include <cstdio>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/project/pinned.h"
#include "app/ui/output.h"
#include "compose/load.h"
#include "compose/render/render.h"
#include "compose/schema/json_schema.h"
#include "compose/schema/reference.h"
#include "compose/source/node.h"
#include "engine/engine.h"
#include "engine/linux/output_file.h"

namespace devc::app {
namespace {

struct Flags {
    std::string format;
    std::string output;
    std::string hash;
    std::vector<std::string> services;
    bool quiet = false, noInterpolate = false, noNormalize = false, noPathResolution = false, noConsistency = false;
    bool noEnvResolution = false;
    bool listServices = false, listVolumes = false, listNetworks = false, listImages = false, listModels = false;
    bool listProfiles = false, listEnvironment = false, listVariables = false, schema = false, reference = false;
    bool resolveDigests = false, lockDigests = false;
};

compose::LoadRequest requestOf(Context& context, const Flags& flags) {
    compose::LoadRequest request = context.loadRequest();
    request.interpolate = !flags.noInterpolate;
    request.normalize = !flags.noNormalize;
    request.resolvePaths = !flags.noPathResolution;
    request.checkConsistency = !flags.noConsistency;
    request.resolveEnvironment = !flags.noEnvResolution;
    return request;
}

std::string lines(const compose::StringList& values) {
    std::string text;
    for (const std::string& value : values) text += value + "\n";
    return text;
}

template <typename Map>
compose::StringList keysOf(const Map& map) {
    compose::StringList keys;
    for (const auto& [key, value] : map) keys.push_back(key);
    return keys;
}

std::string imagesText(const compose::Project& project) {
    std::string text;
    for (const auto& [name, service] : project.services) {
        text += service.imageOr(project.name) + "\n";
        for (const std::string& image : service.preStartImages()) text += image + "\n";
    }
    return text;
}

std::string hashText(const compose::Project& project, const std::string& wanted) {
    std::string text;
    if (wanted == "*") {
        for (const auto& [name, service] : project.services) text += fmt::format("{} {}\n", name, service.configHash);
        return text;
    }
    for (std::string_view rest = wanted; !rest.empty();) {
        std::string name(rest.substr(0, rest.find(',')));
        rest.remove_prefix(std::min(rest.size(), name.size() + 1));
        auto found = project.services.find(name);
        if (found == project.services.end()) throw compose::LoadError(fmt::format("no such service: {}", name));
        text += fmt::format("{} {}\n", name, found->second.configHash);
    }
    return text;
}

std::string modelsText(const compose::Project& project) {
    std::string text;
    for (const auto& [name, model] : project.models) text += model.model + "\n";
    return text;
}

std::string environmentText(const compose::LoadRequest& request) {
    std::string text;
    for (const auto& [key, value] : compose::environmentOf(request)) text += key + "=" + value + "\n";
    return text;
}

std::string variablesJson(const std::vector<compose::Variable>& variables) {
    nlohmann::json all = nlohmann::json::object();
    for (const compose::Variable& variable : variables) {
        all[variable.name] = {{"Name", variable.name}, {"DefaultValue", variable.defaultValue}, {"PresenceValue", variable.alternateValue}, {"Required", variable.required}};
    }
    return all.dump(4) + "\n";
}

std::string variablesText(const compose::LoadRequest& request, bool json) {
    std::vector<compose::Variable> variables = compose::variablesOf(request);
    if (json) return variablesJson(variables);
    constexpr std::string_view row = "{:<20}{:<20}{:<20}{}\n";
    std::string text = fmt::format(fmt::runtime(row), "NAME", "REQUIRED", "DEFAULT VALUE", "ALTERNATE VALUE");
    for (const compose::Variable& variable : variables) {
        text += fmt::format(fmt::runtime(row), variable.name + "   ", variable.required, variable.defaultValue + "   ", variable.alternateValue);
    }
    return text;
}

/// Profiles of all services, also of those that no active profile enables.
std::string profilesText(compose::LoadRequest request) {
    compose::load(request);  // what is wrong with the project as it is chosen
    request.profiles = {"*"};
    request.warn = {};
    return lines(compose::load(request).profiles());
}

std::string renderText(const compose::Project& project, const Flags& flags) {
    compose::RenderOptions options;
    options.json = flags.format == "json";
    options.escapeDollars = !flags.noInterpolate;
    return compose::render(project, options);
}

std::string configText(Context& context, const Flags& flags) {
    compose::LoadRequest request = requestOf(context, flags);
    if (flags.listEnvironment) return environmentText(request);
    if (flags.listVariables) return variablesText(request, flags.format == "json");
    if (flags.listProfiles) return profilesText(request);
    bool list = flags.listServices || flags.listVolumes || flags.listNetworks || flags.listModels || !flags.hash.empty();
    request.typed = list || flags.listImages;
    if (list) request.resolveEnvironment = false;
    // Docker Compose's lists are of the whole project, also where services are named.
    compose::Project project = list ? compose::load(request) : compose::loadSelected(request, flags.services);
    if (flags.listServices) return lines(keysOf(project.services));
    if (flags.listVolumes) return lines(keysOf(project.volumes));
    if (flags.listNetworks) return lines(keysOf(project.networks));
    if (flags.listImages) return imagesText(project);
    if (flags.listModels) return modelsText(project);
    if (!flags.hash.empty()) return hashText(project, flags.hash);
    if (flags.resolveDigests || flags.lockDigests) project = withPinnedImages(context.engine().host(), std::move(project));
    if (flags.quiet) return {};
    return flags.lockDigests ? imagesOverride(project, flags.format == "json") : renderText(project, flags);
}

void addFlags(CLI::App& command, Flags& flags) {
    command.add_option("--format", flags.format, "yaml or json")->check(CLI::IsMember({"yaml", "json"}));
    command.add_option("-o,--output", flags.output, "Write to a file");
    command.add_option("--hash", flags.hash, "Print the configuration digest of services: names with commas, or *");
    command.add_flag("-q,--quiet", flags.quiet, "Only check, print nothing");
    command.add_flag("--no-interpolate", flags.noInterpolate, "Do not replace variables");
    command.add_flag("--no-normalize", flags.noNormalize, "Do not fill in what the file implies");
    command.add_flag("--no-path-resolution", flags.noPathResolution, "Leave relative paths as they are");
    command.add_flag("--no-consistency", flags.noConsistency, "Do not check that references exist");
    command.add_flag("--resolve-image-digests", flags.resolveDigests, "Pin image tags to digests");
    command.add_flag("--lock-image-digests", flags.lockDigests, "Produces an override file with image digests");
    command.add_flag("--no-env-resolution", flags.noEnvResolution, "Do not read env_file");
    command.add_flag("--services", flags.listServices, "Print the services");
    command.add_flag("--volumes", flags.listVolumes, "Print the volumes");
    command.add_flag("--networks", flags.listNetworks, "Print the networks");
    command.add_flag("--images", flags.listImages, "Print the images");
    command.add_flag("--models", flags.listModels, "Print the models");
    command.add_flag("--profiles", flags.listProfiles, "Print the profiles");
    command.add_flag("--environment", flags.listEnvironment, "Print the environment for variables");
    command.add_flag("--variables", flags.listVariables, "Print the variables that the file mentions");
    command.add_flag("--schema", flags.schema, "Print the JSON Schema of compose files, for editors");
    command.add_flag("--reference", flags.reference, "Print docs/reference/compose.md")->group("");
    command.add_option("services", flags.services, "Services, with what they depend on");
}

}  // namespace

void addConfig(CLI::App& parent, Context& context) {
    auto flags = std::make_shared<Flags>();
    CLI::App* command = parent.add_subcommand("config", "Check the compose file and print it as devc understands it")->alias("convert");
    addFlags(*command, *flags);
    command->callback([flags, &context] {
        std::string text = flags->schema ? compose::schema::jsonSchema() : flags->reference ? compose::schema::reference() : configText(context, *flags);
        if (flags->output.empty()) out(text);
        else engine::writeOutput(flags->output, text);
    });
}

}  // namespace devc::app
