#include "compose/schema/reference.h"

#include <deque>
#include <map>
#include <set>

#include <fmt/format.h>

#include "compose/budget.h"
#include "compose/schema/meaning.h"
#include "compose/schema/words.h"

namespace devc::compose::schema {
namespace {

constexpr std::string_view specification = "https://github.com/compose-spec/compose-spec/blob/main/";

/// The table of attributes that stands somewhere below a shape: a mapping's own, its values' or its items'; null: none.
const Shape* tableOf(const Shape& shape) {
    if (shape.attributes) return &shape;
    if (shape.values && !shape.values->open) return tableOf(*shape.values);
    return shape.items ? tableOf(*shape.items) : nullptr;
}

std::string below(const std::string& place, std::string_view name) {
    return place.empty() ? std::string(name) : fmt::format("{}.{}", place, name);
}

/// As GitHub makes it of a heading.
std::string anchorOf(std::string_view place) {
    std::string anchor;
    for (char c : place) {
        if (c != '.') anchor += c;
    }
    return anchor;
}

/// Calls `visit(place, table)` once for every table of attributes, at its place nearest to the top.
template <typename Visit>
void eachTable(Visit visit) {
    std::set<const Attribute*> seen;
    std::deque<std::pair<std::string, const Shape*>> open = {{"", &project}};
    while (!open.empty()) {
        auto [place, shape] = open.front();
        open.pop_front();
        if (!seen.insert(shape->attributes).second) continue;
        visit(place, *shape);
        for (std::size_t i = 0; i < shape->attributeCount; ++i) {
            const Attribute& attribute = shape->attributes[i];
            if (const Shape* table = tableOf(attribute.shape)) open.emplace_back(below(place, attribute.name), table);
        }
    }
}

/// Where each table is described.
std::map<const Attribute*, std::string> homesOfTables() {
    std::map<const Attribute*, std::string> homes;
    eachTable([&](const std::string& place, const Shape& table) { homes.emplace(table.attributes, place); });
    return homes;
}

std::map<std::string_view, Meaning> meaningsByPlace() {
    std::map<std::string_view, Meaning> all;
    for (const Meaning& meaning : meanings()) all.emplace(meaning.place, meaning);
    return all;
}

class Page {
public:
    std::string text = fmt::format(
        "# Compose file reference\n\n"
        "Made by `devc config --reference` from the tables that devc checks files with; do not edit it. What an attribute is for "
        "is said by the Compose specification, to which its name leads; this page says what devc makes of it. The same tables as "
        "a JSON Schema for editors: `devc config --schema`.\n\n"
        "- **Value**: what may stand there, the short forms too. `devc config` prints the long form. Every text may hold variables "
        "(`${{NAME}}`, `${{NAME:-default}}`, `${{NAME:?error}}`, `${{NAME:+other}}`; `$$` is a `$`); where a number or boolean is wanted, it becomes one.\n"
        "- **Merge**: what happens where a later file, an `extends` or a second document says the attribute again. `!reset` drops "
        "what was said before, `!override` replaces it.\n"
        "- **Since**: the version of devc that acts on it. Where there is none, devc checks and prints the attribute and does nothing else yet.\n"
        "- Keys that begin with `x-` are allowed in every mapping here, unless its table says otherwise, and mean nothing to devc.\n\n"
        "Limits, so that no file can take a machine down: a file has at most {} MiB, {} values with its aliases replaced, {} documents "
        "and {} levels; a project {} services, and {} values with all that extends, include, env_file and port ranges copy.\n",
        Budget::largestFile >> 20U, Budget::mostFileValues, Budget::mostDocuments, Budget::deepest, Budget::mostServices, Budget::mostValues);

    void section(const std::string& place, const Shape& shape) {
        const Shape& table = *tableOf(shape);
        if (homes_.at(table.attributes) != place) return;
        text += fmt::format("\n{} {}\n\n", place.find('.') == std::string::npos ? "##" : "###", place.empty() ? "The file" : place);
        text += "| Attribute | Value | Merge | devc | Since |\n|---|---|---|---|---|\n";
        for (std::size_t i = 0; i < table.attributeCount; ++i) row(place, table.attributes[i]);
        if (!table.extensions) text += "\nWithout `x-` keys.\n";
        for (std::size_t i = 0; i < table.attributeCount; ++i) {
            const Attribute& attribute = table.attributes[i];
            if (tableOf(attribute.shape)) section(below(place, attribute.name), attribute.shape);
        }
    }

private:
    void row(const std::string& place, const Attribute& attribute) {
        auto meaning = meanings_.find(below(place, attribute.name));
        std::string value = valueText(attribute.shape);
        if (const Shape* table = tableOf(attribute.shape)) {
            const std::string& home = homes_.at(table->attributes);
            value += fmt::format(", see [{}](#{})", home, anchorOf(home));
        }
        for (std::size_t at = value.find('|'); at != std::string::npos; at = value.find('|', at + 2)) value.insert(at, 1, '\\');  // ends a cell
        text += fmt::format("| [{}]({}{}){} | {} | {} | {} | {} |\n", attribute.name, specification, link(attribute.specification),
                            attribute.required ? " (required)" : "", value, mergeText(attribute),
                            meaning == meanings_.end() ? "" : meaning->second.text, meaning == meanings_.end() || meaning->second.since.empty() ? "–" : meaning->second.since);
    }

    /// "05-services#ports" -> "05-services.md#ports"
    static std::string link(std::string_view chapter) {
        std::size_t hash = chapter.find('#');
        std::string page(chapter.substr(0, hash));
        return page + ".md" + (hash == std::string_view::npos ? "" : std::string(chapter.substr(hash)));
    }

    std::map<const Attribute*, std::string> homes_ = homesOfTables();
    std::map<std::string_view, Meaning> meanings_ = meaningsByPlace();
};

}  // namespace

std::string reference() {
    Page page;
    page.section("", project);
    return std::move(page.text);
}

std::vector<std::string> undescribed() {
    std::set<std::string> wanted;
    eachTable([&](const std::string& place, const Shape& table) {
        for (std::size_t i = 0; i < table.attributeCount; ++i) wanted.insert(below(place, table.attributes[i].name));
    });
    std::vector<std::string> wrong;
    const auto known = meaningsByPlace();
    for (const std::string& place : wanted) {
        if (!known.contains(place)) wrong.push_back(place + " has no meaning");
    }
    for (const auto& [place, meaning] : known) {
        if (!wanted.contains(std::string(place))) wrong.push_back(fmt::format("{} is no attribute", place));
    }
    return wrong;
}

}  // namespace devc::compose::schema
