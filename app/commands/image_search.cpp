#include <memory>

#include <nlohmann/json.hpp>

#include "app/commands/image_views.h"
#include "app/commands/noun.h"
#include "app/filter/filters.h"
#include "app/ui/listing.h"
#include "engine/engine.h"
#include "engine/error.h"
#include "engine/image/registries.h"

namespace devc::app {
namespace {

constexpr unsigned mostHits = 100;

struct Flags {
    std::string term, format;
    std::vector<std::string> filters;
    unsigned limit = 25;
    bool whole = false;
};

/// At most 45 characters of a description.
std::string shortened(const std::string& text, bool whole) {
    constexpr std::size_t shown = 45;
    std::string line = text.substr(0, text.find('\n'));
    if (whole || line.size() <= shown) return line;
    std::size_t end = shown - 1;
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xc0) == 0x80) --end;  // not within a UTF-8 character
    return line.substr(0, end) + "…";
}

bool isYes(const std::string& text) { return text == "true" || text == "1" || text == "TRUE" || text == "True" || text == "t" || text == "T"; }

bool accepted(const engine::SearchHit& hit, const Filters& filters) {
    for (const std::string& value : filters.values("is-official"))
        if (hit.official != isYes(value)) return false;
    for (const std::string& value : filters.values("is-automated"))
        if (isYes(value)) return false;  // Docker Hub has none any more
    for (const std::string& value : filters.values("stars"))
        if (hit.stars < std::stoull(value)) return false;
    return true;
}

void search(Context& context, const Flags& flags) {
    const Filters filters(flags.filters, {"is-official", "is-automated", "stars"});
    for (const std::string& value : filters.values("stars"))
        if (value.empty() || value.size() > 9 || value.find_first_not_of("0123456789") != std::string::npos)
            throw engine::Error::of("invalid filter 'stars={}': it is no number", value);
    if (flags.limit == 0 || flags.limit > mostHits) throw engine::Error::of("limit {} is outside the range of [1, {}]", flags.limit, mostHits);
    Listing listing(flags.format, "{{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}", {{"StarCount", "STARS"}, {"IsOfficial", "OFFICIAL"}});
    for (const engine::SearchHit& hit : engine::searchImages(context.engine().host(), flags.term, flags.limit)) {
        if (!accepted(hit, filters)) continue;
        listing.add({{"Name", hit.name}, {"Description", shortened(hit.description, flags.whole)}, {"StarCount", std::to_string(hit.stars)},
                     {"IsOfficial", hit.official ? "[OK]" : ""}, {"IsAutomated", ""}});
    }
    listing.print();
}

}  // namespace

void addImageSearch(CLI::App& command, Context& context) {
    const auto flags = std::make_shared<Flags>();
    command.add_option("term", flags->term, "WORDS, or HOST[:PORT]/WORDS for another registry than Docker Hub")->required();
    addList(command, "-f,--filter", flags->filters, "is-official=..., stars=N");
    command.add_option("--format", flags->format, "table, json or a template");
    command.add_option("--limit", flags->limit, "At most so many results (25)");
    command.add_flag("--no-trunc", flags->whole, "Whole descriptions");
    command.callback([flags, &context] { search(context, *flags); });
}

}  // namespace devc::app
