#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace devc::compose::schema {

struct Attribute;

/// Kinds of YAML values, as bits.
namespace accept {
constexpr unsigned Null = 1, Bool = 2, Integer = 4, Float = 8, String = 16, List = 32, Map = 64;
constexpr unsigned Number = Integer | Float, Scalar = Bool | Number | String;
}  // namespace accept

/// What a text becomes after interpolation.
enum class Cast : std::uint8_t { None, Bool, Integer, Number };

/// The short forms of an attribute, which the loader turns into the long one.
enum class Form : std::uint8_t {
    None,
    StringAsList,   // x                     -> [x]
    NamedNull,      // [a, b]                -> {a: null, b: null}
    Build,          // path                  -> {context: path}
    DependsOn,      // [a]                   -> {a: {condition: service_started, required: true}}
    EnvFiles,       // path or [path]        -> [{path: path}]
    Extends,        // service               -> {service: service}
    Include,        // path                  -> {path: [path]}
    Ports,          // "8000-8001:80-81/tcp" -> [{target, published, protocol, mode}, ...]
    VolumeMount,    // "source:target:ro"    -> {type, source, target, read_only}
    FileMount,      // name                  -> {source: name}
    SecretMount,    // name                  -> {source: name, target: /run/secrets/name}
    Device,         // "source:target:rwm"   -> {source, target, permissions}
    Ssh,            // [default, a=path]     -> {default: null, a: path}
    Contexts,       // [a=path]              -> {a: path}; no value is an error
    Addresses,      // x                     -> [x]; empty ones are left out
    Word,           // true                  -> "true"
    External,       // {name: x}             -> true, and name: x beside it
    Gpus,           // all                   -> [{count: all}]
    DeviceRequest,  // neither count nor device_ids -> count: all
};

/// What the canonical value is, and so how it is printed.
enum class Value : std::uint8_t {
    As,             // as it stands
    Text,           // a string; numbers and booleans become text
    Bool,
    Integer,
    Number,
    Duration,       // "1m30s"
    Bytes,          // "64m" -> "67108864"
    FileMode,       // 0440 -> "0440"
    Mode,           // the same, as a number
    Limit,          // 5, or {soft, hard}; 0 -> {soft: 0, hard: 0}
    Count,          // "all" -> -1
    Command,        // a shell line or list -> list
    HealthTest,     // a string -> [CMD-SHELL, string]
    Texts,          // list of strings; a string is a list of one
    TextLists,      // mapping of name to list of strings
    Pairs,          // KEY=VALUE list or mapping -> mapping; no value is ""
    OptionalPairs,  // as Pairs; no value is null
    Hosts,          // "host:ip" list or mapping -> sorted list "host=ip"
    Ssh,            // mapping -> list "id" or "id=path"
};

/// How a later file's value joins an earlier one's.
enum class Merge : std::uint8_t {
    Deep,      // mappings key by key, lists appended, scalars replaced
    Replace,   // the later wins as a whole
    Pairs,     // both become KEY=VALUE lists, which are appended
    Hosts,     // as Pairs, equal lines once
    Logging,   // deep while the driver is the same, else replaced
    Subnets,   // list of mappings, joined where `subnet` is the same
};

/// What makes two elements of a list the same, so that the later replaces the earlier.
enum class Unique : std::uint8_t {
    No,
    Key,      // the text before '='
    Text,     // the whole text
    Target,   // mount target
    Port,     // address, host port, container port, protocol
    Secret,   // target, or /run/secrets/source
    Config,   // target, or /source
    Path,     // `path` or the text
    Strict,   // equal elements of a list are an error
};

/// What is a path relative to the project directory.
enum class Path : std::uint8_t { No, File, Context, ContextValues, FileItems, Values, Watch };

/// What is left out when printed.
enum class Zero : std::uint8_t {
    Omit,       // "", 0, false, empty lists and mappings
    Keep,       // printed whenever it was given
    OmitTrue,   // true is the default
    JsonNull,   // Keep; JSON has null where it was not given
    JsonEmpty,  // Omit; JSON has {} where it is empty
    KeepYaml,   // Keep; JSON leaves it out
    Always,     // printed even where it was not given
    Never,      // not printed
};

enum class Keys : std::uint8_t { Any, Name };

/// The values that may stand somewhere.
struct Shape {
    unsigned accepts = 0;
    const Attribute* attributes = nullptr;  // of a mapping with known keys
    std::size_t attributeCount = 0;
    const Shape* values = nullptr;          // of a mapping with free keys
    const Shape* items = nullptr;           // of a list
    Keys keys = Keys::Any;
    bool extensions = true;                 // x-... keys are allowed beside the known ones
    bool open = false;                      // and so are all others
    const std::string_view* choices = nullptr;
    std::size_t choiceCount = 0;
    bool bounded = false;                   // minimum and maximum hold
    double minimum = 0, maximum = 0;
    std::string_view pattern;               // shown where `matches` says no
    bool (*matches)(std::string_view) = nullptr;
    Cast cast = Cast::None;
    Form form = Form::None;
    Value value = Value::As;

    const Attribute* attribute(std::string_view name) const;
};

/// One attribute: a row of the specification.
struct Attribute {
    std::string_view name;
    Shape shape;
    std::string_view specification;         // chapter#anchor of the Compose specification
    Merge merge = Merge::Deep;
    Unique unique = Unique::No;
    Path path = Path::No;
    Zero zero = Zero::Omit;
    bool required = false;
    std::string_view jsonName = {};         // where JSON has another name than YAML
};

/// The whole file.
extern const Shape project;
/// One service.
extern const Shape service;

}  // namespace devc::compose::schema
