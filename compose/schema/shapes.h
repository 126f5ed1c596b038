#pragma once
#include "compose/schema/schema.h"

/// Shapes that several attributes share.
namespace devc::compose::schema {

constexpr Shape scalar(unsigned accepts, Value value, Cast cast = Cast::None) {
    Shape shape;
    shape.accepts = accepts;
    shape.value = value;
    shape.cast = cast;
    return shape;
}

constexpr Shape between(Shape shape, double minimum, double maximum) {
    shape.bounded = true;
    shape.minimum = minimum;
    shape.maximum = maximum;
    return shape;
}

template <std::size_t N>
constexpr Shape choice(const std::string_view (&choices)[N]) {
    Shape shape = scalar(accept::String, Value::Text);
    shape.choices = choices;
    shape.choiceCount = N;
    return shape;
}

constexpr Shape matching(std::string_view pattern, bool (*matches)(std::string_view)) {
    Shape shape = scalar(accept::String, Value::Text);
    shape.pattern = pattern;
    shape.matches = matches;
    return shape;
}

template <std::size_t N>
constexpr Shape object(const Attribute (&attributes)[N], unsigned also = 0, Form form = Form::None) {
    Shape shape;
    shape.accepts = accept::Map | also;
    shape.attributes = attributes;
    shape.attributeCount = N;
    shape.form = form;
    return shape;
}

constexpr Shape listOf(const Shape& items, unsigned also = 0, Form form = Form::None) {
    Shape shape;
    shape.accepts = accept::List | also;
    shape.items = &items;
    shape.form = form;
    return shape;
}

constexpr Shape mapOf(const Shape& values, Keys keys = Keys::Any, unsigned also = 0, Form form = Form::None) {
    Shape shape;
    shape.accepts = accept::Map | also;
    shape.values = &values;
    shape.keys = keys;
    shape.form = form;
    return shape;
}

constexpr Shape as(Shape shape, Value value) {
    shape.value = value;
    return shape;
}

constexpr Shape plain(Shape shape) {
    shape.extensions = false;
    return shape;
}

inline constexpr Shape anything = [] {
    Shape shape = scalar(127, Value::As);
    shape.open = true;
    return shape;
}();
inline constexpr Shape text = scalar(accept::String, Value::Text);
inline constexpr Shape textOrNull = scalar(accept::String | accept::Null, Value::Text);
inline constexpr Shape textOrNumber = scalar(accept::String | accept::Number, Value::Text);
inline constexpr Shape textOrBool = [] {
    Shape shape = scalar(accept::String | accept::Bool, Value::Text);
    shape.form = Form::Word;
    return shape;
}();
inline constexpr Shape textOrAny = scalar(accept::Scalar | accept::Null, Value::Text);
inline constexpr Shape flag = scalar(accept::Bool | accept::String, Value::Bool, Cast::Bool);
inline constexpr Shape strictFlag = scalar(accept::Bool, Value::Bool);
inline constexpr Shape integer = scalar(accept::Integer | accept::String, Value::Integer, Cast::Integer);
inline constexpr Shape strictInteger = scalar(accept::Integer, Value::Integer);
inline constexpr Shape strictNumber = scalar(accept::Number, Value::Integer);
inline constexpr Shape anyNumber = scalar(accept::Number | accept::String, Value::Integer, Cast::Integer);
inline constexpr Shape natural = between(integer, 0, 9.2e18);
inline constexpr Shape real = scalar(accept::Number | accept::String, Value::Number, Cast::Number);
inline constexpr Shape duration = scalar(accept::String, Value::Duration);
inline constexpr Shape bytes = scalar(accept::Number | accept::String, Value::Bytes);
inline constexpr Shape textBytes = scalar(accept::String | accept::Number, Value::Bytes);
inline constexpr Shape fileMode = scalar(accept::Number | accept::String, Value::FileMode);

inline constexpr Shape texts = as(listOf(text), Value::Texts);
inline constexpr Shape textOrInteger = scalar(accept::String | accept::Integer, Value::Text);
inline constexpr Shape textsOrNumbers = as(listOf(textOrInteger), Value::Texts);
inline constexpr Shape addresses = as(listOf(text, accept::String, Form::Addresses), Value::Texts);
inline constexpr Shape textOrTexts = as(listOf(text, accept::String), Value::Texts);
inline constexpr Shape textAsList = as(listOf(text, accept::String, Form::StringAsList), Value::Texts);
inline constexpr Shape command = as(listOf(text, accept::String | accept::Null), Value::Command);

inline constexpr Shape pairs = [] {
    Shape shape = mapOf(textOrAny, Keys::Any, accept::List);
    shape.items = &text;
    shape.value = Value::Pairs;
    return shape;
}();
inline constexpr Shape optionalPairs = as(pairs, Value::OptionalPairs);
inline constexpr Shape options = as(mapOf(textOrNumber), Value::Pairs);
inline constexpr Shape textNumberOrNull = scalar(accept::String | accept::Number | accept::Null, Value::Text);
inline constexpr Shape optionsOrNull = as(mapOf(textNumberOrNull), Value::Pairs);
inline constexpr Shape textMap = as(mapOf(text), Value::Pairs);

inline constexpr Shape hostAddresses = listOf(text, accept::String);
inline constexpr Shape hosts = [] {
    Shape shape = mapOf(hostAddresses, Keys::Any, accept::List);
    shape.items = &text;
    shape.value = Value::Hosts;
    return shape;
}();

inline constexpr Attribute softHard[] = {
    {"soft", integer, "05-services#ulimits", Merge::Deep, Unique::No, Path::No, Zero::KeepYaml, true},
    {"hard", integer, "05-services#ulimits", Merge::Deep, Unique::No, Path::No, Zero::KeepYaml, true},
};
inline constexpr Shape ulimit = [] {
    Shape shape = object(softHard, accept::Integer | accept::String);
    shape.cast = Cast::Integer;
    shape.value = Value::Limit;
    return shape;
}();
inline constexpr Shape ulimits = mapOf(ulimit);

inline constexpr Attribute fileMountRows[] = {
    {"source", text, "05-services#configs"},
    {"target", text, "05-services#configs"},
    {"uid", text, "05-services#configs"},
    {"gid", text, "05-services#configs"},
    {"mode", fileMode, "05-services#configs", Merge::Deep, Unique::No, Path::No, Zero::Keep},
};
inline constexpr Shape fileMount = object(fileMountRows, accept::String, Form::FileMount);
inline constexpr Shape secretMount = object(fileMountRows, accept::String, Form::SecretMount);

inline constexpr Attribute deviceRequestRows[] = {
    {"capabilities", texts, "deploy#devices", Merge::Deep, Unique::Strict, Path::No, Zero::Omit, true},
    {"driver", text, "deploy#devices"},
    {"count", scalar(accept::String | accept::Integer, Value::Count), "deploy#devices"},
    {"device_ids", texts, "deploy#devices", Merge::Deep, Unique::Strict},
    {"options", pairs, "deploy#devices", Merge::Pairs, Unique::Strict},
};

inline constexpr Attribute hookRows[] = {
    {"command", command, "05-services#post_start", Merge::Replace, Unique::No, Path::No, Zero::JsonNull, true},
    {"user", text, "05-services#post_start"},
    {"privileged", flag, "05-services#post_start"},
    {"working_dir", text, "05-services#post_start"},
    {"environment", optionalPairs, "05-services#post_start", Merge::Pairs, Unique::Strict},
};
inline constexpr Shape hook = object(hookRows);

inline constexpr Attribute preStartRows[] = {
    {"command", command, "05-services#pre_start", Merge::Replace, Unique::No, Path::No, Zero::JsonNull},
    {"image", text, "05-services#pre_start"},
    {"user", text, "05-services#pre_start"},
    {"privileged", flag, "05-services#pre_start"},
    {"working_dir", text, "05-services#pre_start"},
    {"environment", optionalPairs, "05-services#pre_start", Merge::Pairs, Unique::Strict},
    {"per_replica", flag, "05-services#pre_start"},
};
inline constexpr Shape preStartHook = object(preStartRows);

}  // namespace devc::compose::schema
