#include "app/filter/filters.h"

#include "engine/error.h"
#include "engine/timestamp.h"

namespace devc::app {

using engine::Error;

Filters::Filters(const std::vector<std::string>& texts, const std::vector<std::string_view>& known) {
    for (const std::string& text : texts) {
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos) throw Error::of("invalid argument \"{}\" for \"-f, --filter\" flag: bad format of filter (expected name=value)", text);
        const std::string key = text.substr(0, equals);
        if (std::find(known.begin(), known.end(), key) == known.end()) throw Error::of("invalid filter '{}'", key);
        values_[key].push_back(text.substr(equals + 1));
    }
    if (asksFor("until")) until_ = engine::parseMoment(values("until").back(), engine::momentNow());
}

const std::vector<std::string>& Filters::values(std::string_view key) const {
    static const std::vector<std::string> none;
    const auto found = values_.find(key);
    return found == values_.end() ? none : found->second;
}

bool Filters::acceptLabels(const Labels& labels) const {
    return matchesLabels(labels, values("label")) && (!asksFor("label!") || !matchesLabels(labels, values("label!")));
}

bool Filters::acceptTime(const std::string& created) const {
    if (!until_) return true;
    try {
        return engine::parseMoment(created, 0) < *until_;
    } catch (const Error&) {
        return false;
    }
}

bool matchesLabels(const Labels& labels, const std::vector<std::string>& wanted) {
    return std::all_of(wanted.begin(), wanted.end(), [&](const std::string& label) {
        const std::size_t equals = label.find('=');
        const auto found = labels.find(label.substr(0, equals));
        return found != labels.end() && (equals == std::string::npos || found->second == label.substr(equals + 1));
    });
}

bool isTrue(std::string_view text) { return text == "true" || text == "1"; }

}  // namespace devc::app
