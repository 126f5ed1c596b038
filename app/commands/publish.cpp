// publish: the compose files as an OCI artifact, for `devc -f oci://REFERENCE up` and `include: oci://REFERENCE`.
#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <memory>

#include <fmt/chrono.h>

#include "app/commands/commands.h"
#include "app/commands/noun.h"
#include "app/commands/project.h"
#include "app/commands/transfer.h"
#include "app/project/pinned.h"
#include "app/ui/prompt.h"
#include "compose/load.h"
#include "compose/publication.h"
#include "compose/source/node.h"
#include "engine/engine.h"
#include "engine/error.h"
#include "engine/image/artifacts.h"

namespace devc::app {
namespace {

using engine::Error;

struct PublishFlags {
    bool withImages = false, digests = false, withEnvironment = false, yes = false;
    std::string version = "1.1", reference;
};

void requireImages(const compose::Project& project) {
    std::string without;
    for (const auto& [name, service] : project.services)
        if (service.build && service.image.empty()) without += (without.empty() ? "" : ", ") + name;
    if (!without.empty()) {
        throw Error::of("cannot publish: nobody can pull the images of services that only have a build section: {}", without)
            .hint("give them an `image:` that `devc push` can push");
    }
}

bool looksSecret(std::string_view name) {
    std::string upper(name);
    std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    constexpr std::array<std::string_view, 7> words = {"PASSWORD", "PASSWD", "SECRET", "TOKEN", "CREDENTIAL", "API_KEY", "PRIVATE_KEY"};
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return upper.find(word) != std::string::npos; });
}

/// What of a service's environment gets into the artifact as it stands; variables of the shell do not.
void listEnvironment(const std::string& name, const compose::Node& service, std::vector<std::string>& found) {
    if (service.find("env_file")) found.push_back(fmt::format("service {}: the contents of its env_file", name));
    const compose::Node* environment = service.find("environment");
    if (!environment) return;
    for (const compose::Entry& variable : environment->entries) {
        std::string key = variable.key, value = variable.value.scalarText();
        if (environment->isList()) {
            key = value.substr(0, value.find('='));
            value = value.size() > key.size() ? value.substr(key.size() + 1) : std::string();
        }
        if (looksSecret(key) && !value.empty() && value.find('$') == std::string::npos) found.push_back(fmt::format("service {}: the value of {}", name, key));
    }
}

void listMounts(const compose::Project& project, std::vector<std::string>& found) {
    for (const auto& [name, service] : project.services)
        for (const compose::Mount& mount : service.mounts)
            if (mount.type == compose::MountType::Bind) found.push_back(fmt::format("service {}: a bind mount of {} (its place, not its content)", name, mount.source));
}

/// Asks where something that may be private would be published.
void confirmContent(Context& context, const PublishFlags& flags) {
    std::vector<std::string> found;
    if (!flags.withEnvironment) {
        compose::LoadRequest request = context.loadRequest();
        request.interpolate = false;
        request.warn = nullptr;
        const compose::Project plain = compose::load(request);
        if (const compose::Node* services = plain.document->find("services"))
            for (const compose::Entry& service : services->entries) listEnvironment(service.key, service.value, found);
    }
    listMounts(context.project(), found);
    if (found.empty() || flags.yes || context.options.dryRun) return;
    std::string question = "Everybody who can pull it will see:\n";
    for (const std::string& line : found) question += "  " + line + "\n";
    if (!confirm(question + "Publish it?")) throw Error("nothing was published").hint("-y publishes without a question").status(130);
}

engine::Artifact artifactOf(Context& context, const PublishFlags& flags) {
    const compose::Project& project = context.project();
    std::vector<compose::PublishedFile> files = compose::filesToPublish(project.files, project.workingDir);
    if (flags.digests) files.push_back(compose::publishedFile("image-digests.yaml", imagesOverride(withPinnedImages(context.engine().host(), project), false)));
    engine::Artifact artifact;
    artifact.type = flags.version == "1.0" ? compose::publishedConfigType : compose::publishedType;
    artifact.annotations["org.opencontainers.image.created"] = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
    for (compose::PublishedFile& file : files) artifact.files.push_back({std::move(file.mediaType), std::move(file.annotations), std::move(file.text)});
    return artifact;
}

void publish(Context& context, const PublishFlags& flags) {
    if (flags.withImages) throw Error("--app is not supported: images are published beside the compose files, not in them").hint("leave it out, and pin the images with --resolve-image-digests");
    requireImages(context.project());
    const engine::Artifact artifact = artifactOf(context, flags);
    confirmContent(context, flags);
    pushImages(context, {}, {});
    const auto progress = progressOf(context, "Publishing");
    progress->working(flags.reference, "Publishing");
    if (!context.options.dryRun)
        engine::publishArtifact(context.engine().host(), flags.reference, artifact, flags.version == "1.0" ? engine::OciVersion::v1_0 : engine::OciVersion::v1_1);
    progress->done(flags.reference, "Published");
    progress->finish();
}

}  // namespace

void addPublish(CLI::App& parent, Context& context) {
    const auto flags = std::make_shared<PublishFlags>();
    CLI::App* command = parent.add_subcommand("publish", "Publish the compose files to a registry");
    command->add_flag("--app", flags->withImages, "Publish the images in the same artifact (not supported)");
    command->add_option("--oci-version", flags->version, "OCI specification of the artifact: 1.0 or 1.1")->check(CLI::IsMember({"1.0", "1.1"}));
    command->add_flag("--resolve-image-digests", flags->digests, "Pin image tags to digests");
    command->add_flag("--with-env", flags->withEnvironment, "Publish environment files and values without a question");
    command->add_flag("-y,--yes", flags->yes, "Publish without a question");
    command->add_option("reference", flags->reference, "REPOSITORY[:TAG]")->required();
    command->callback([flags, &context] { publish(context, *flags); });
}

}  // namespace devc::app
