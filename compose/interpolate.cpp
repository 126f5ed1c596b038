#include "compose/interpolate.h"

#include <fmt/format.h>

#include "compose/budget.h"

namespace devc::compose {
namespace {

constexpr int deepestNesting = 50;

bool startsName(char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool continuesName(char c) { return startsName(c) || (c >= '0' && c <= '9'); }

std::string_view nameAt(std::string_view text) {
    if (text.empty() || !startsName(text[0])) return {};
    std::size_t length = 1;
    while (length < text.size() && continuesName(text[length])) ++length;
    return text.substr(0, length);
}

/// The length up to the brace that closes an already opened `${`, npos if there is none.
std::size_t closingBrace(std::string_view text) {
    int open = 1;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '$' && i + 1 < text.size() && text[i + 1] == '{') {
            ++open;
            ++i;
        } else if (text[i] == '}' && --open == 0) {
            return i;
        }
    }
    return std::string_view::npos;
}

/// What stands between the braces: a name, an operator (":-", "-", ":?", "?", ":+", "+" or none) and its argument.
struct Braced {
    std::string_view name;
    bool emptyCounts = false;  // the operator began with ':'
    char action = 0;
    std::string_view argument;
};

std::optional<Braced> parseBraced(std::string_view inside) {
    Braced braced;
    braced.name = nameAt(inside);
    if (braced.name.empty()) return std::nullopt;
    inside.remove_prefix(braced.name.size());
    if (inside.empty()) return braced;
    if (inside[0] == ':') {
        braced.emptyCounts = true;
        inside.remove_prefix(1);
    }
    if (inside.empty() || (inside[0] != '-' && inside[0] != '?' && inside[0] != '+')) return std::nullopt;
    braced.action = inside[0];
    braced.argument = inside.substr(1);
    return braced;
}

class Interpolator {
public:
    Interpolator(std::string_view whole, const Lookup& lookup, const std::function<void(std::string_view)>& unset)
        : whole_(whole), lookup_(lookup), unset_(unset) {}

    std::string run(std::string_view text, int depth) {
        if (depth > deepestNesting) throw InterpolationError{"variables are nested deeper than 50 levels"};
        std::string result;
        while (true) {
            std::size_t dollar = text.find('$');
            result += text.substr(0, dollar);
            if (result.size() > Budget::longestText) {
                throw InterpolationError{fmt::format("the text is longer than {} MiB after its variables were replaced", Budget::longestText >> 20U)};
            }
            if (dollar == std::string_view::npos) return result;
            text.remove_prefix(dollar + 1);
            if (text.starts_with('$')) {
                result += '$';
                text.remove_prefix(1);
            } else if (text.starts_with('{')) {
                std::size_t end = closingBrace(text.substr(1));
                if (end == std::string_view::npos || text.substr(1, end).find('\n') != std::string_view::npos) invalid();
                result += braced(text.substr(1, end), depth);
                text.remove_prefix(end + 2);
            } else {
                std::string_view name = nameAt(text);
                result += name.empty() ? "$" : value(name);
                text.remove_prefix(name.size());
            }
        }
    }

private:
    [[noreturn]] void invalid() const {
        throw InterpolationError{
            fmt::format("invalid interpolation format.\nYou may need to escape any $ with another $.\n{}", whole_)};
    }

    std::string value(std::string_view name) {
        if (auto found = lookup_(name)) return *found;
        if (unset_) unset_(name);
        return {};
    }

    std::string braced(std::string_view inside, int depth) {
        auto parsed = parseBraced(inside);
        if (!parsed) invalid();
        if (parsed->action == 0) return value(parsed->name);
        auto found = lookup_(parsed->name);
        bool present = found && !(parsed->emptyCounts && found->empty());
        switch (parsed->action) {
            case '-': return present ? *found : run(parsed->argument, depth + 1);
            case '+': return present ? run(parsed->argument, depth + 1) : std::string();
            default: break;
        }
        if (present) return *found;
        throw InterpolationError{fmt::format("required variable {} is missing a value: {}", parsed->name,
                                             run(parsed->argument, depth + 1))};
    }

    std::string_view whole_;
    const Lookup& lookup_;
    const std::function<void(std::string_view)>& unset_;
};

void collect(std::string_view text, std::vector<Variable>& into, int depth) {
    while (depth <= deepestNesting) {
        std::size_t dollar = text.find('$');
        if (dollar == std::string_view::npos) return;
        text.remove_prefix(dollar + 1);
        if (text.starts_with('$')) {
            text.remove_prefix(1);
        } else if (text.starts_with('{')) {
            std::size_t end = closingBrace(text.substr(1));
            if (end == std::string_view::npos) return;
            if (auto braced = parseBraced(text.substr(1, end))) {
                Variable variable;
                variable.name = std::string(braced->name);
                variable.required = braced->action == '?';
                if (braced->action == '-') variable.defaultValue = std::string(braced->argument);
                if (braced->action == '+') variable.alternateValue = std::string(braced->argument);
                into.push_back(std::move(variable));
                collect(braced->argument, into, depth + 1);
            }
            text.remove_prefix(end + 2);
        } else {
            std::string_view name = nameAt(text);
            if (!name.empty()) into.push_back({std::string(name), false, {}, {}});
            text.remove_prefix(name.size());
        }
    }
}

}  // namespace

std::string unsetText(std::string_view name) {
    return fmt::format("The \"{}\" variable is not set. Defaulting to a blank string.", name);
}

std::string interpolate(std::string_view text, const Lookup& lookup, const Unset& unset) {
    return Interpolator(text, lookup, unset).run(text, 0);
}

void collectVariables(std::string_view text, std::vector<Variable>& into) { collect(text, into, 0); }

}  // namespace devc::compose
