#include "app/commands/image_views.h"

#include <algorithm>
#include <memory>

#include <nlohmann/json.hpp>

#include "app/commands/noun.h"
#include "app/filter/filters.h"
#include "app/filter/name_pattern.h"
#include "app/report.h"
#include "app/ui/human.h"
#include "app/ui/listing.h"
#include "engine/engine.h"
#include "engine/error.h"

namespace devc::app {

using engine::Image;
using engine::Reference;
using nlohmann::json;

namespace {

std::string shownId(const std::string& id, bool whole) { return whole ? id : id.substr(id.find(':') + 1, 12); }

// ---- ls

struct ListFlags {
    bool all = false, quiet = false, whole = false, digests = false;
    std::string format, name;
    std::vector<std::string> filters;
};

/// One line of the list: an image under one of its names.
struct Line {
    const Image* image;
    std::string repository = "<none>", tag = "<none>", digest = "<none>";
};

std::string repositoryOf(const std::string& reference) {
    Reference parsed = Reference::parse(reference);
    parsed.tag.clear();
    parsed.digest.clear();
    return parsed.familiar();
}

std::vector<Line> linesOf(const Image& image) {
    std::vector<Line> lines;
    for (const std::string& reference : image.references) lines.push_back({&image, repositoryOf(reference), Reference::parse(reference).tag});
    for (const std::string& reference : image.repositoryDigests) {
        std::string repository = repositoryOf(reference), digest = Reference::parse(reference).digest;
        bool named = false;
        for (Line& line : lines) {
            if (line.repository != repository) continue;
            line.digest = digest;
            named = true;
        }
        if (!named) lines.push_back({&image, repository, "<none>", digest});
    }
    if (lines.empty()) lines.push_back({&image});
    return lines;
}

bool isNamed(const Line& line, const std::string& pattern) {
    return matchesPattern(pattern, line.repository) || matchesPattern(pattern, line.repository + ":" + line.tag) ||
           matchesPattern(pattern, line.repository + "@" + line.digest);
}

class ListQuery {
public:
    ListQuery(const engine::Images& images, const ListFlags& flags)
        : flags_(flags), filters_(flags.filters, {"dangling", "label", "reference", "before", "since", "until"}) {
        for (const std::string& name : filters_.values("before")) before_.push_back(images.get(name).created);
        for (const std::string& name : filters_.values("since")) since_.push_back(images.get(name).created);
    }

    bool accepts(const Line& line) const {
        const Image& image = *line.image;
        for (const std::string& wanted : filters_.values("dangling"))
            if (image.references.empty() != isTrue(wanted)) return false;
        if (!filters_.acceptLabels(image.config.labels) || !filters_.acceptTime(image.created)) return false;
        for (const std::string& time : before_) if (image.created >= time) return false;
        for (const std::string& time : since_) if (image.created <= time) return false;
        if (!filters_.any("reference", [&](const std::string& name) { return isNamed(line, name); })) return false;
        return flags_.name.empty() || isNamed(line, shortName());
    }

private:
    std::string shortName() const {
        bool pattern = flags_.name.find_first_of("*?") != std::string::npos;
        if (pattern) return flags_.name;
        Reference reference = Reference::parse(flags_.name);
        bool tagged = flags_.name.find(':', flags_.name.rfind('/') == std::string::npos ? 0 : flags_.name.rfind('/')) != std::string::npos;
        if (!tagged && reference.digest.empty()) reference.tag.clear();
        return reference.familiar();
    }

    const ListFlags& flags_;
    Filters filters_;
    std::vector<std::string> before_, since_;
};

json rowOf(const Line& line, bool whole) {
    const Image& image = *line.image;
    std::string size = humanSize(static_cast<double>(image.size), 3);
    return {{"Containers", "N/A"},      {"CreatedAt", goTime(image.created)}, {"CreatedSince", ago(image.created)}, {"Digest", line.digest},
            {"ID", shownId(image.id, whole)}, {"Repository", line.repository},   {"SharedSize", "N/A"},                {"Size", size},
            {"Tag", line.tag},          {"UniqueSize", "N/A"},                {"VirtualSize", size}};
}

void list(engine::Images& images, const ListFlags& flags) {
    std::string table = "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}";
    if (flags.digests) table = "{{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}";
    Listing listing(flags.quiet && flags.format.empty() ? "{{.ID}}" : flags.format, table, {{"ID", "IMAGE ID"}, {"CreatedSince", "CREATED"}, {"CreatedAt", "CREATED AT"}});
    const ListQuery query(images, flags);
    std::vector<Image> all = images.list();
    for (const Image& image : all) {
        bool shown = false;
        for (const Line& line : linesOf(image)) {
            if (!query.accepts(line) || (shown && flags.quiet)) continue;
            // A name with a digest only is a line of its own only where digests are asked for.
            if (shown && line.tag == "<none>" && !flags.digests) continue;
            listing.add(rowOf(line, flags.whole), image.config.labels);
            shown = true;
        }
    }
    listing.print();
}

// ---- history

void history(engine::Images& images, const std::string& name, const std::string& format, bool whole, bool quiet, bool human) {
    Image image = images.get(name);
    std::vector<engine::NewLayer> layers = images.layersOf(image);
    json config = images.configJson(image);
    json steps = config.value("history", json::array());
    if (steps.empty())
        for (std::size_t i = 0; i < layers.size(); ++i) steps.push_back({{"created", image.created}});
    std::vector<json> rows;
    std::size_t layer = 0;
    for (const json& step : steps) {
        bool empty = step.value("empty_layer", false);
        std::uint64_t size = !empty && layer < layers.size() ? layers[layer++].size : 0;
        std::string by = step.value("created_by", ""), created = step.value("created", "");
        constexpr std::size_t shown = 45;
        if (!whole && by.size() > shown) by.replace(shown - 1, std::string::npos, "…");
        rows.push_back({{"Comment", step.value("comment", "")}, {"CreatedAt", human ? goTime(created) : created}, {"CreatedBy", by}, {"CreatedSince", human ? ago(created) : created},
                        {"ID", "<missing>"}, {"Size", human ? humanSize(static_cast<double>(size), 3) : std::to_string(size)}});
    }
    if (!rows.empty()) rows.back()["ID"] = shownId(image.id, whole);
    Listing listing(quiet && format.empty() ? "{{.ID}}" : format, "{{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}",
                    {{"ID", "IMAGE"}, {"CreatedSince", "CREATED"}, {"CreatedBy", "CREATED BY"}, {"CreatedAt", "CREATED AT"}});
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) listing.add(*row);
    listing.print();
}

}  // namespace

void addImageLs(CLI::App& command, Context& context) {
    auto flags = std::make_shared<ListFlags>();
    command.add_option("name", flags->name, "REPOSITORY[:TAG]");
    command.add_flag("-a,--all", flags->all, "All images; devc keeps no intermediate ones");
    command.add_flag("-q,--quiet", flags->quiet, "Ids only");
    command.add_flag("--no-trunc", flags->whole, "Whole ids");
    command.add_flag("--digests", flags->digests, "Digests of the registry");
    addList(command, "--filter", flags->filters, "before, dangling, label, reference, since, until");
    command.add_option("--format", flags->format, "table, json or a template");
    command.callback([flags, &context] { list(context.engine().images(), *flags); });
}

void addImageHistory(CLI::App& command, Context& context) {
    struct Flags {
        std::string name, format;
        bool whole = false, quiet = false, human = true;
    };
    auto flags = std::make_shared<Flags>();
    command.add_option("image", flags->name, "IMAGE")->required();
    command.add_option("--format", flags->format, "table, json or a template");
    command.add_flag("--no-trunc", flags->whole, "Whole text");
    command.add_flag("-q,--quiet", flags->quiet, "Ids only");
    command.add_flag("-H,--human,!--no-human", flags->human, "Sizes and times for people");
    command.callback([flags, &context] { history(context.engine().images(), flags->name, flags->format, flags->whole, flags->quiet, flags->human); });
}

void addImageInspect(CLI::App& command, Context& context) {
    struct Flags {
        std::vector<std::string> names;
        std::string format;
    };
    auto flags = std::make_shared<Flags>();
    addNames(command, flags->names, "image", 1);
    command.add_option("-f,--format", flags->format, "json or a template");
    command.callback([flags, &context] {
        json found = json::array();
        forEachName(context, flags->names, [&](const std::string& name) { found.push_back(context.engine().images().inspect(name)); }, false);
        out(inspectText(found, flags->format));
    });
}

}  // namespace devc::app
