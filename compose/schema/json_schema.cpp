#include "compose/schema/json_schema.h"

#include <nlohmann/json.hpp>

#include "compose/schema/schema.h"

namespace devc::compose::schema {
namespace {

using Json = nlohmann::ordered_json;

Json typesOf(const Shape& shape) {
    Json types = Json::array();
    const auto add = [&](unsigned bit, const char* name) {
        if ((shape.accepts & bit) != 0) types.push_back(name);
    };
    add(accept::Null, "null");
    add(accept::Bool, "boolean");
    add(accept::Float, "number");
    if ((shape.accepts & accept::Float) == 0) add(accept::Integer, "integer");
    // What is cast after interpolation may be written as a variable: "${PORT}".
    if ((shape.accepts & accept::String) != 0 || shape.cast != Cast::None) types.push_back("string");
    add(accept::List, "array");
    add(accept::Map, "object");
    return types;
}

Json schemaOf(const Shape& shape);

void describeMapping(Json& schema, const Shape& shape) {
    if (shape.attributes != nullptr) {
        Json required = Json::array();
        for (std::size_t index = 0; index < shape.attributeCount; ++index) {
            const Attribute& attribute = shape.attributes[index];
            schema["properties"][attribute.name] = schemaOf(attribute.shape);
            if (attribute.required) required.push_back(attribute.name);
        }
        if (!required.empty()) schema["required"] = std::move(required);
        if (shape.extensions) schema["patternProperties"]["^x-"] = Json::object();
        if (!shape.open) schema["additionalProperties"] = false;
    } else if (shape.values != nullptr) {
        schema["additionalProperties"] = schemaOf(*shape.values);
        if (shape.keys == Keys::Name) schema["propertyNames"]["pattern"] = "^[a-zA-Z0-9._-]+$";
    }
}

Json schemaOf(const Shape& shape) {
    Json schema = Json::object();
    Json types = typesOf(shape);
    if (types.size() == 1) schema["type"] = types.front();
    else if (!types.empty()) schema["type"] = std::move(types);
    if ((shape.accepts & accept::Map) != 0) describeMapping(schema, shape);
    if ((shape.accepts & accept::List) != 0 && shape.items != nullptr) schema["items"] = schemaOf(*shape.items);
    // Where other types may stand too, the choice is for the text alone and is left to devc.
    for (std::size_t index = 0; index < shape.choiceCount && shape.accepts == accept::String; ++index) schema["enum"].push_back(shape.choices[index]);
    if (shape.bounded) {
        schema["minimum"] = shape.minimum;
        schema["maximum"] = shape.maximum;
    }
    return schema;
}

}  // namespace

std::string jsonSchema() {
    Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "Compose file"}};
    schema.update(schemaOf(project));
    return schema.dump(2) + "\n";
}

}  // namespace devc::compose::schema
