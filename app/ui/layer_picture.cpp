#include "app/ui/layer_picture.h"

#include <algorithm>

#include <fmt/format.h>

#include "app/ui/human.h"
#include "app/ui/xml.h"

namespace devc::app {

namespace {

constexpr int width = 960, margin = 16, rowHeight = 44, head = 72, barHeight = 18;
constexpr std::size_t listed = 12;        // changes that a layer's tooltip names
constexpr std::size_t stepCharacters = 110;

std::string shortened(const std::string& text, std::size_t most) {
    if (text.size() <= most) return text;
    std::size_t end = most;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // not within a UTF-8 character
    return text.substr(0, end) + "…";
}

std::string tooltip(const engine::TreeLayer& layer) {
    std::vector<engine::ImageChange> changes = layer.changes;
    std::stable_sort(changes.begin(), changes.end(), [](const auto& a, const auto& b) { return a.bytes + a.hidden > b.bytes + b.hidden; });
    std::string text = layer.diffId;
    for (std::size_t i = 0; i < std::min(listed, changes.size()); ++i)
        text += fmt::format("\n{} {}", humanSize(static_cast<double>(std::max(changes[i].bytes, changes[i].hidden))), changes[i].path);
    if (changes.size() > listed) text += fmt::format("\nand {} more", changes.size() - listed);
    return text;
}

std::string row(const engine::TreeLayer& layer, std::size_t number, std::uint64_t largest) {
    const int top = head + static_cast<int>(number) * rowHeight, room = width - 2 * margin;
    const auto scaled = [&](std::uint64_t bytes) { return largest == 0 ? 0.0 : static_cast<double>(room) * static_cast<double>(bytes) / static_cast<double>(largest); };
    std::string text = fmt::format("<g><title>{}</title>\n", xmlText(tooltip(layer)));
    text += fmt::format("<text x=\"{}\" y=\"{}\">{}. {}  {}{}</text>\n", margin, top + 12, number + 1, humanSize(static_cast<double>(layer.bytes)),
                        xmlText(shortened(layer.createdBy, stepCharacters)),
                        layer.wasted == 0 ? "" : ", hides " + humanSize(static_cast<double>(layer.wasted)));
    text += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" class=\"room\"/>\n", margin, top + 18, room, barHeight);
    text += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\" class=\"bytes\"/>\n", margin, top + 18, scaled(layer.bytes), barHeight);
    text += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\" class=\"wasted\"/>\n", margin, top + 18, scaled(layer.wasted), barHeight / 3);
    return text + "</g>\n";
}

}  // namespace

std::string layerPicture(const std::string& title, const engine::ImageTree& tree) {
    std::uint64_t largest = 0;
    for (const engine::TreeLayer& layer : tree.layers) largest = std::max({largest, layer.bytes, layer.wasted});
    const int height = head + static_cast<int>(tree.layers.size()) * rowHeight + margin;
    std::string text = fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" font-family=\"sans-serif\" font-size=\"12\">\n", width, height);
    text += "<style>.room{fill:#eee}.bytes{fill:#4a7db5}.wasted{fill:#c0392b}</style>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n";
    text += fmt::format("<text x=\"{}\" y=\"28\" font-size=\"18\">{}</text>\n", margin, xmlText(title));
    text += fmt::format("<text x=\"{}\" y=\"50\">{} in {} layer{}, {} of it wasted on files that later layers hide</text>\n", margin,
                        humanSize(static_cast<double>(tree.bytes)), tree.layers.size(), tree.layers.size() == 1 ? "" : "s", humanSize(static_cast<double>(tree.wasted)));
    for (std::size_t i = 0; i < tree.layers.size(); ++i) text += row(tree.layers[i], i, largest);
    return text + "</svg>\n";
}

}  // namespace devc::app
