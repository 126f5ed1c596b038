#include "compose/schema/json_schema.h"

#include <algorithm>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using nlohmann::json;

TEST_CASE("the JSON Schema says what the tables say") {
    const json schema = json::parse(devc::compose::schema::jsonSchema());
    const json& service = schema.at("properties").at("services").at("additionalProperties");
    CHECK(service.at("additionalProperties") == false);
    CHECK(service.at("patternProperties").contains("^x-"));
    CHECK(service.at("properties").at("image").at("type") == "string");
    const json& dependency = service.at("properties").at("depends_on").at("additionalProperties");
    CHECK(dependency.at("required") == json::array({"condition"}));
    CHECK(dependency.at("properties").at("condition").at("enum").size() == 3);
    const json types = service.at("properties").at("command").at("type");
    CHECK(std::find(types.begin(), types.end(), "array") != types.end());
    CHECK(std::find(types.begin(), types.end(), "string") != types.end());
}
