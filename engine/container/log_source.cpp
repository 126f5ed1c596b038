#include "engine/container/log_source.h"

#include <regex>
#include <set>

#include <nlohmann/json.hpp>

#include "engine/container/preparation.h"
#include "engine/error.h"
#include "engine/log/settings.h"
#include "engine/template/template.h"

namespace devc::engine {

namespace {

using Attributes = std::map<std::string, std::string>;

std::set<std::string> namesIn(const std::string& list) {
    std::set<std::string> names;
    for (size_t begin = 0; begin < list.size();) {
        size_t end = std::min(list.find(',', begin), list.size());
        if (end > begin) names.insert(list.substr(begin, end - begin));
        begin = end + 1;
    }
    return names;
}

/// A pattern of Go's as far as users write them in options: the flag for any case is Go's own.
std::regex patternOf(const std::string& option, const std::string& text) {
    try {
        bool anyCase = text.starts_with("(?i)");
        auto flags = std::regex::ECMAScript | std::regex::nosubs;
        return std::regex(anyCase ? text.substr(4) : text, anyCase ? flags | std::regex::icase : flags);
    } catch (const std::regex_error& error) {
        throw Error::of("error parsing regexp of log option {}: `{}`: {}", option, text, error.what());
    }
}

/// Those that the option `name` lists, and those that `name`-regex matches.
void choose(const LogOptions& options, const std::string& name, const Attributes& all, Attributes& chosen) {
    std::set<std::string> names = namesIn(textOption(options, name));
    std::string pattern = textOption(options, name + "-regex");
    std::optional<std::regex> matching;
    if (!pattern.empty()) matching = patternOf(name + "-regex", pattern);
    for (const auto& [key, value] : all)
        if (names.contains(key) || (matching && std::regex_search(key, *matching))) chosen[key] = value;
}

Attributes environmentOf(const ContainerSpec& spec, const ImageConfig& image) {
    Attributes variables;
    for (const auto* entries : {&image.environment, &spec.environment})
        for (const std::string& entry : *entries)
            if (size_t equals = entry.find('='); equals != std::string::npos) variables[entry.substr(0, equals)] = entry.substr(equals + 1);
    return variables;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

std::string rendered(const std::string& text, const Record& record, const LogSource& source) {
    const nlohmann::json fields = {
        {"ID", shortId(record.id)}, {"FullID", record.id}, {"Name", source.name}, {"ImageID", source.imageId.substr(0, 12)},
        {"ImageFullID", source.imageId}, {"ImageName", source.imageName}, {"Command", source.command}, {"Hostname", source.host},
        {"DaemonName", "docker"},  // pipelines that sort by it go on to work
        {"ContainerID", record.id}, {"ContainerName", "/" + source.name}, {"ContainerImageID", source.imageId},
        {"ContainerImageName", source.imageName}, {"ContainerCreated", source.created}, {"ContainerLabels", record.spec.labels},
        {"Config", record.spec.logOptions}};
    try {
        return Template::parse(text).render(fields);
    } catch (Error& error) {
        throw error.during("log option tag").status(125);
    }
}

}  // namespace

LogSource logSourceOf(const Record& record, const ImageConfig& image, const std::string& host) {
    const ContainerSpec& spec = record.spec;
    LogSource source;
    source.id = record.id;
    source.name = record.name;
    source.imageId = spec.imageId;
    source.imageName = spec.image;
    source.command = joined(record.arguments);
    source.created = record.created;
    source.host = host;
    Attributes labels = image.labels;
    for (const auto& [key, value] : spec.labels) labels[key] = value;
    choose(spec.logOptions, "labels", labels, source.attributes);
    choose(spec.logOptions, "env", environmentOf(spec, image), source.attributes);
    bool isFile = spec.logDriver.empty() || spec.logDriver == "json-file";
    std::string tag = textOption(spec.logOptions, "tag");
    source.tag = rendered(tag.empty() && !isFile ? "{{.ID}}" : tag, record, source);
    if (isFile && !source.tag.empty()) source.attributes["tag"] = source.tag;
    return source;
}

void checkLogging(const Record& record, const ImageConfig& image) {
    parseLogOptions(record.spec.logDriver, record.spec.logOptions);
    logSourceOf(record, image, "");
}

bool keepsLog(const ContainerSpec& spec) {
    if (spec.logDriver == "none") return false;
    return spec.logDriver.empty() || !flagOption(spec.logOptions, "cache-disabled", false);
}

}  // namespace devc::engine
