#include "compose/schema/words.h"

#include <fmt/format.h>

namespace devc::compose::schema {
namespace {

bool takes(const Shape& shape, unsigned kind) { return (shape.accepts & kind) != 0; }

std::string choicesText(const Shape& shape) {
    std::string text;
    for (std::size_t i = 0; i < shape.choiceCount; ++i) text += fmt::format("{}`{}`", i > 0 ? ", " : "", shape.choices[i]);
    return text;
}

std::string numberText(const Shape& shape, std::string_view kind) {
    if (!shape.bounded) return std::string(kind);
    return shape.maximum > 1e9 ? fmt::format("{} from {:.0f}", kind, shape.minimum) : fmt::format("{} from {:.0f} to {:.0f}", kind, shape.minimum, shape.maximum);
}

std::string textText(const Shape& shape) {
    if (shape.choiceCount > 0) return choicesText(shape);
    std::string text = "text";
    if (!shape.pattern.empty()) text += fmt::format(" like `{}`", shape.pattern);
    if (takes(shape, accept::Number)) text += " or number";
    if (takes(shape, accept::Bool) && !takes(shape, accept::Number)) text += " or boolean";
    return text;
}

/// A structure: a list or mapping, or anything.
std::string structureText(const Shape& shape) {
    if (shape.attributes) return "mapping";
    if (shape.values) return "mapping of names";
    if (shape.items) return shape.items->attributes ? "list of mappings" : "list of " + valueText(*shape.items);
    return "anything";
}

/// One of the values alone, short forms aside.
std::string plainText(const Shape& shape) {
    switch (shape.value) {
        case Value::Text: return textText(shape);
        case Value::Bool: return "boolean";
        case Value::Integer: return numberText(shape, "integer");
        case Value::Number: return numberText(shape, "number");
        case Value::Duration: return "duration: `1m30s`";
        case Value::Bytes: return "size: `64m`";
        case Value::FileMode:
        case Value::Mode: return "octal mode: `0440`";
        case Value::Count: return "integer or `all`";
        case Value::Command: return "list of texts, or a line as of a shell";
        case Value::HealthTest: return "list of texts, or a line for the shell";
        case Value::Texts: return fmt::format("list of {}{}", textText(*shape.items) == "text" ? "texts" : "texts or numbers", takes(shape, accept::String) ? ", or one text" : "");
        case Value::TextLists: return "mapping of texts or lists of texts";
        case Value::Pairs: return takes(shape, accept::List) ? "mapping, or list of `KEY=VALUE`" : "mapping";
        case Value::OptionalPairs: return "mapping, or list of `KEY=VALUE` and `KEY`";
        case Value::Hosts: return "mapping, or list of `NAME=ADDRESS`";
        case Value::Ssh: return "list of `ID` and `ID=PATH`, or mapping";
        default: return structureText(shape);
    }
}

/// The short form that an attribute, or an item of its list, may have instead.
std::string_view shortForm(const Shape& shape) {
    switch (shape.form) {
        case Form::NamedNull:
        case Form::DependsOn: return "list of names";
        case Form::Build: return "the context";
        case Form::EnvFiles: return "paths, or one path";
        case Form::Extends: return "the service";
        case Form::Include: return "the path";
        case Form::Ports: return "`[[IP:]HOST:]CONTAINER[/PROTOCOL]` with ranges";
        case Form::VolumeMount: return "`[SOURCE:]TARGET[:OPTIONS]`";
        case Form::FileMount:
        case Form::SecretMount: return "the key";
        case Form::Device: return "`SOURCE[:TARGET[:PERMISSIONS]]`";
        case Form::External: return "a mapping";
        case Form::Gpus: return "`all`";
        default: return {};
    }
}

std::string_view uniqueText(Unique unique) {
    switch (unique) {
        case Unique::No: return "added";
        case Unique::Key:
        case Unique::Text: return "added, the same once";
        case Unique::Target:
        case Unique::Secret:
        case Unique::Config: return "added, the same `target` replaced";
        case Unique::Port: return "added, the same address, ports and protocol once";
        case Unique::Path: return "added, the same path replaced";
        case Unique::Strict: return "added, equal ones are an error";
    }
    return {};
}

}  // namespace

std::string valueText(const Shape& shape) {
    std::string text = plainText(shape);
    std::string_view instead = shortForm(shape);
    if (instead.empty() && shape.items) instead = shortForm(*shape.items);
    if (!instead.empty()) text += fmt::format("; short: {}", instead);
    if (shape.attributes && shape.cast == Cast::Integer) text += "; short: an integer for both";
    return text;
}

std::string mergeText(const Attribute& attribute) {
    switch (attribute.merge) {
        case Merge::Replace: return "replaced";
        case Merge::Pairs: return attribute.shape.value == Value::Texts ? "added, the same once" : "joined by key";
        case Merge::Hosts: return "added, equal ones once";
        case Merge::Logging: return "joined by key while the driver is the same, else replaced";
        case Merge::Subnets: return "joined where `subnet` is the same, else added";
        case Merge::Deep: break;
    }
    if (takes(attribute.shape, accept::Map) && attribute.shape.value != Value::Bool) return "joined by key";
    if (takes(attribute.shape, accept::List)) return std::string(uniqueText(attribute.unique));
    return "replaced";
}

}  // namespace devc::compose::schema
