// image tree, image diff: what layers and images consist of.
#include <algorithm>
#include <memory>

#include <nlohmann/json.hpp>

#include "app/commands/image_views.h"
#include "app/commands/noun.h"
#include "app/ui/human.h"
#include "app/ui/layer_picture.h"
#include "app/ui/table.h"
#include "engine/engine.h"
#include "engine/image/image_tree.h"

namespace devc::app {
namespace {

using engine::ImageChange;
using engine::ImageTree;
using engine::TreeLayer;
using nlohmann::json;

constexpr std::size_t shownChanges = 15;  // of a layer, without --all

char letterOf(ImageChange::Kind kind, char modified) {
    return kind == ImageChange::Kind::Added ? 'A' : kind == ImageChange::Kind::Deleted ? 'D' : modified;
}

std::string sizeText(std::uint64_t bytes) { return humanSize(static_cast<double>(bytes)); }

/// The largest ones if not all are wanted, in the order of their paths.
std::vector<ImageChange> chosen(const TreeLayer& layer, bool all) {
    std::vector<ImageChange> changes = layer.changes;
    if (all || changes.size() <= shownChanges) return changes;
    std::stable_sort(changes.begin(), changes.end(), [](const auto& a, const auto& b) { return a.bytes + a.hidden > b.bytes + b.hidden; });
    changes.resize(shownChanges);
    std::sort(changes.begin(), changes.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    return changes;
}

std::string textOf(const std::string& name, const ImageTree& tree, bool all) {
    const std::uint64_t kept = tree.bytes - std::min(tree.wasted, tree.bytes);
    std::string text = fmt::format("{}: {} in {} layer{}, {} wasted, {}% efficient\n", escapeControls(name), sizeText(tree.bytes), tree.layers.size(),
                                   tree.layers.size() == 1 ? "" : "s", sizeText(tree.wasted), tree.bytes == 0 ? 100 : kept * 100 / tree.bytes);
    for (std::size_t i = 0; i < tree.layers.size(); ++i) {
        const TreeLayer& layer = tree.layers[i];
        text += fmt::format("\n{}. {}  {}  {}\n", i + 1, layer.diffId.substr(7, 12), sizeText(layer.bytes), escapeControls(layer.createdBy));
        for (const ImageChange& change : chosen(layer, all)) {
            const bool gone = change.kind == ImageChange::Kind::Deleted;
            text += fmt::format("   {} {:>8}  {}", letterOf(change.kind, 'M'), sizeText(gone ? change.hidden : change.bytes), escapeControls(change.path));
            if (!gone && change.hidden > 0) text += fmt::format("  (hides {})", sizeText(change.hidden));
            text += "\n";
        }
        if (!all && layer.changes.size() > shownChanges) text += fmt::format("   and {} smaller ones: --all shows them\n", layer.changes.size() - shownChanges);
    }
    return text;
}

std::string jsonOf(const std::string& name, const ImageTree& tree) {
    json layers = json::array();
    for (const TreeLayer& layer : tree.layers) {
        json changes = json::array();
        for (const ImageChange& change : layer.changes)
            changes.push_back({{"Kind", std::string(1, letterOf(change.kind, 'M'))}, {"Path", change.path}, {"Bytes", change.bytes}, {"Hidden", change.hidden}});
        layers.push_back({{"DiffId", layer.diffId}, {"CreatedBy", layer.createdBy}, {"Bytes", layer.bytes}, {"Wasted", layer.wasted}, {"Changes", changes}});
    }
    const json object = {{"Image", name}, {"Bytes", tree.bytes}, {"Wasted", tree.wasted}, {"Layers", layers}};
    return object.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace

void addImageTree(CLI::App& command, Context& context) {
    struct Flags {
        std::string name, format = "text";
        bool all = false, svg = false;
    };
    const auto flags = std::make_shared<Flags>();
    command.add_option("image", flags->name, "IMAGE")->required();
    command.add_flag("-a,--all", flags->all, "All changes, not only the largest ones of a layer");
    command.add_flag("--svg", flags->svg, "A picture; the same as --format svg");
    command.add_option("--format", flags->format, "text, json or svg")->check(CLI::IsMember({"text", "json", "svg"}));
    command.callback([flags, &context] {
        engine::Images& images = context.engine().images();
        const ImageTree tree = engine::treeOf(images, images.get(flags->name));
        if (flags->svg || flags->format == "svg") out(layerPicture(flags->name, tree));
        else out(flags->format == "json" ? jsonOf(flags->name, tree) : textOf(flags->name, tree, flags->all));
    });
}

void addImageDiff(CLI::App& command, Context& context) {
    struct Flags {
        std::string before, after;
    };
    const auto flags = std::make_shared<Flags>();
    command.add_option("before", flags->before, "IMAGE")->required();
    command.add_option("after", flags->after, "IMAGE")->required();
    command.callback([flags, &context] {
        engine::Images& images = context.engine().images();
        for (const ImageChange& change : engine::differences(images, images.get(flags->before), images.get(flags->after)))
            out(fmt::format("{} /{}\n", letterOf(change.kind, 'C'), escapeControls(change.path)));
    });
}

}  // namespace devc::app
