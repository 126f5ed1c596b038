#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include "engine/template/format.h"
#include "engine/template/tree.h"
#include "engine/error.h"

namespace devc::engine {
namespace {

using nlohmann::json;
using Arguments = std::vector<TemplateValue>;

TemplateValue of(json value) { return TemplateValue{std::move(value), {}, {}, false}; }

std::string textOf(const TemplateValue& value) {
    if (!value.json.is_string()) throw Error::of("wrong type for value; expected string; got {}", value.json.type_name());
    return value.json.get<std::string>();
}
std::int64_t integerOf(const TemplateValue& value) {
    if (!value.json.is_number_integer()) throw Error::of("wrong type for value; expected int; got {}", value.json.type_name());
    return value.json.get<std::int64_t>();
}

/// -1, 0, 1; throws for kinds that Go does not compare.
int compare(const json& a, const json& b) {
    if (a.is_number() && b.is_number()) return a < b ? -1 : a == b ? 0 : 1;
    if (a.is_string() && b.is_string()) {
        const int order = a.get_ref<const std::string&>().compare(b.get_ref<const std::string&>());
        return order < 0 ? -1 : order > 0 ? 1 : 0;
    }
    throw Error("incompatible types for comparison");
}

bool equal(const json& a, const json& b) {
    if (a.is_null() || b.is_null()) return a.is_null() && b.is_null();
    if (a.is_boolean() && b.is_boolean()) return a == b;
    if ((a.is_number() && b.is_number()) || (a.is_string() && b.is_string())) return compare(a, b) == 0;
    if (a.is_structured() || b.is_structured()) throw Error("non-comparable type");
    throw Error("incompatible types for comparison");
}

TemplateValue eq(const Arguments& a) {
    if (a.size() < 2) throw Error("missing argument for comparison");
    return of(std::any_of(a.begin() + 1, a.end(), [&](const TemplateValue& b) { return equal(a[0].json, b.json); }));
}
TemplateValue ne(const Arguments& a) { return of(!equal(a[0].json, a[1].json)); }
TemplateValue lt(const Arguments& a) { return of(compare(a[0].json, a[1].json) < 0); }
TemplateValue le(const Arguments& a) { return of(compare(a[0].json, a[1].json) <= 0); }
TemplateValue gt(const Arguments& a) { return of(compare(a[0].json, a[1].json) > 0); }
TemplateValue ge(const Arguments& a) { return of(compare(a[0].json, a[1].json) >= 0); }
TemplateValue negate(const Arguments& a) { return of(!isTrue(a[0])); }

TemplateValue elementOf(const TemplateValue& from, const TemplateValue& key) {
    if (from.json.is_object() || (from.json.is_null() && hasUserKeys(from.name))) {
        const std::string name = textOf(key);
        if (from.json.is_object())
            if (const auto found = from.json.find(name); found != from.json.end()) return TemplateValue{*found, name, {}, false};
        // The zero value of the element's type: text for labels and options, nothing for the rest.
        const bool texts = from.json.is_null() || from.json.empty() || from.json.begin()->is_string();
        return texts ? of("") : TemplateValue{nullptr, name, {}, true};
    }
    if (from.json.is_null()) throw Error("index of untyped nil");
    const std::int64_t at = integerOf(key);
    const auto size = static_cast<std::int64_t>(from.json.is_string() ? from.json.get_ref<const std::string&>().size() : from.json.size());
    if (!from.json.is_array() && !from.json.is_string()) throw Error::of("can't index item of type {}", from.json.type_name());
    if (at < 0 || at >= size) throw Error::of("index out of range: {}", at);
    if (from.json.is_string()) return of(static_cast<unsigned char>(from.json.get_ref<const std::string&>()[static_cast<std::size_t>(at)]));
    return of(from.json[static_cast<std::size_t>(at)]);
}
TemplateValue index(const Arguments& a) {
    TemplateValue value = a[0];
    for (std::size_t i = 1; i < a.size(); ++i) value = elementOf(value, a[i]);
    return value;
}

TemplateValue slice(const Arguments& a) {
    const bool text = a[0].json.is_string();
    if (!text && !a[0].json.is_array()) throw Error::of("can't slice item of type {}", a[0].json.type_name());
    const std::size_t size = text ? a[0].json.get_ref<const std::string&>().size() : a[0].json.size();
    const std::int64_t from = a.size() > 1 ? integerOf(a[1]) : 0;
    const std::int64_t to = a.size() > 2 ? integerOf(a[2]) : static_cast<std::int64_t>(size);
    if (from < 0 || from > static_cast<std::int64_t>(size)) throw Error::of("index out of range: {}", from);
    if (to < 0 || to > static_cast<std::int64_t>(size)) throw Error::of("index out of range: {}", to);
    if (from > to) throw Error::of("invalid slice index: {} > {}", from, to);
    const auto begin = static_cast<std::size_t>(from), end = static_cast<std::size_t>(to);
    if (text) return of(a[0].json.get_ref<const std::string&>().substr(begin, end - begin));
    json result = json::array();
    for (std::size_t i = begin; i < end; ++i) result.push_back(a[0].json[i]);
    return of(std::move(result));
}

TemplateValue len(const Arguments& a) {
    if (a[0].json.is_string()) return of(a[0].json.get_ref<const std::string&>().size());
    if (a[0].json.is_structured()) return of(a[0].json.size());
    if (a[0].json.is_null() && !a[0].noValue) return of(0);
    throw Error::of("len of type {}", a[0].json.type_name());
}

/// fmt.Print: blanks between values neither of which is text; fmt.Println: blanks between all.
std::string printAll(const Arguments& a, bool line) {
    std::string result;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (i > 0 && (line || (!a[i].json.is_string() && !a[i - 1].json.is_string()))) result += ' ';
        result += printed(a[i]);
    }
    if (line) result += '\n';
    return result;
}
TemplateValue print(const Arguments& a) { return of(printAll(a, false)); }
TemplateValue println(const Arguments& a) { return of(printAll(a, true)); }
TemplateValue printf(const Arguments& a) { return of(goFormat(textOf(a[0]), {a.begin() + 1, a.end()})); }

TemplateValue toJson(const Arguments& a) { return of(compactJson(a[0].json)); }

TemplateValue join(const Arguments& a) {
    std::string result;
    if (!a[0].json.is_array() && !a[0].json.is_null()) throw Error::of("wrong type for value; expected []string; got {}", a[0].json.type_name());
    for (const json& item : a[0].json) {
        if (!result.empty() || &item != &a[0].json.front()) result += textOf(a[1]);
        result += printed(of(item));
    }
    return of(std::move(result));
}

TemplateValue split(const Arguments& a) {
    const std::string text = textOf(a[0]), separator = textOf(a[1]);
    json result = json::array();
    if (separator.empty()) {
        for (const char c : text) result.push_back(std::string(1, c));
        return of(std::move(result));
    }
    std::size_t begin = 0;
    for (std::size_t end = text.find(separator); end != std::string::npos; end = text.find(separator, begin)) {
        result.push_back(text.substr(begin, end - begin));
        begin = end + separator.size();
    }
    result.push_back(text.substr(begin));
    return of(std::move(result));
}

TemplateValue upper(const Arguments& a) {
    std::string text = textOf(a[0]);
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return of(std::move(text));
}
TemplateValue lower(const Arguments& a) {
    std::string text = textOf(a[0]);
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return of(std::move(text));
}
/// Go's strings.Title: the first letter of each word.
TemplateValue title(const Arguments& a) {
    std::string text = textOf(a[0]);
    bool begins = true;
    for (char& c : text) {
        if (begins) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        begins = std::isspace(static_cast<unsigned char>(c)) != 0 || (std::ispunct(static_cast<unsigned char>(c)) != 0 && c != '\'' && c != '_');
    }
    return of(std::move(text));
}
TemplateValue pad(const Arguments& a) {
    const std::string text = textOf(a[0]);
    if (text.empty()) return of(text);
    const auto width = [](const TemplateValue& value) { return static_cast<std::size_t>(std::clamp<std::int64_t>(integerOf(value), 0, 4096)); };
    return of(std::string(width(a[1]), ' ') + text + std::string(width(a[2]), ' '));
}
TemplateValue truncate(const Arguments& a) {
    const std::string text = textOf(a[0]);
    std::int64_t count = integerOf(a[1]);
    // Whole characters: a cut inside of one would not be text.
    std::size_t at = 0;
    while (at < text.size() && count > 0) {
        ++at;
        while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) ++at;
        --count;
    }
    return of(text.substr(0, at));
}

std::string escaped(const std::string& text, const std::vector<std::pair<char, std::string_view>>& table) {
    std::string result;
    for (const char c : text) {
        const auto found = std::find_if(table.begin(), table.end(), [c](const auto& row) { return row.first == c; });
        if (found == table.end()) result += c;
        else result += found->second;
    }
    return result;
}
TemplateValue html(const Arguments& a) {
    return of(escaped(printAll(a, false), {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&#34;"}, {'\'', "&#39;"}}));
}
TemplateValue js(const Arguments& a) {
    return of(escaped(printAll(a, false), {{'\\', "\\\\"}, {'\'', "\\'"}, {'"', "\\\""}, {'<', "\\u003C"}, {'>', "\\u003E"},
                                           {'&', "\\u0026"}, {'=', "\\u003D"}, {'\n', "\\u000A"}, {'\r', "\\u000D"}, {'\t', "\\u0009"}}));
}
TemplateValue urlquery(const Arguments& a) {
    std::string result;
    for (const char c : printAll(a, false)) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.' || c == '~') result += c;
        else if (c == ' ') result += '+';
        else result += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
    return of(std::move(result));
}

struct Function {
    std::string_view name;
    std::size_t least, most;
    TemplateValue (*call)(const Arguments&);
};
constexpr std::size_t any = 1000;
constexpr Function functions[] = {
    {"and", 1, any, nullptr}, {"eq", 2, any, eq},       {"ge", 2, 2, ge},         {"gt", 2, 2, gt},        {"html", 0, any, html},
    {"index", 1, any, index}, {"join", 2, 2, join},     {"js", 0, any, js},       {"json", 1, 1, toJson},  {"le", 2, 2, le},
    {"len", 1, 1, len},       {"lower", 1, 1, lower},   {"lt", 2, 2, lt},         {"ne", 2, 2, ne},        {"not", 1, 1, negate},
    {"or", 1, any, nullptr},  {"pad", 3, 3, pad},       {"print", 0, any, print}, {"printf", 1, any, printf}, {"println", 0, any, println},
    {"slice", 1, 3, slice},   {"split", 2, 2, split},   {"title", 1, 1, title},   {"truncate", 2, 2, truncate}, {"upper", 1, 1, upper},
    {"urlquery", 0, any, urlquery},
};

const Function* findFunction(std::string_view name) {
    const auto found = std::find_if(std::begin(functions), std::end(functions), [&](const Function& f) { return f.name == name; });
    return found == std::end(functions) ? nullptr : found;
}

}  // namespace

bool isTemplateFunction(std::string_view name) { return findFunction(name) != nullptr; }

TemplateValue callTemplateFunction(const std::string& name, const Arguments& arguments) {
    const Function& function = *findFunction(name);
    if (arguments.size() < function.least || arguments.size() > function.most)
        throw Error::of("wrong number of args for {}: want {}{} got {}", name, function.most == any ? "at least " : "", function.least, arguments.size());
    return function.call(arguments);
}

bool isTrue(const TemplateValue& value) {
    if (!value.missing.empty() || value.json.is_null()) return false;
    if (value.json.is_boolean()) return value.json.get<bool>();
    if (value.json.is_number()) return value.json.get<double>() != 0;
    if (value.json.is_string()) return !value.json.get_ref<const std::string&>().empty();
    return !value.json.empty();
}

}  // namespace devc::engine
