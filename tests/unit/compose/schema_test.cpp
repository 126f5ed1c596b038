#include "compose/schema/json_schema.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "compose/schema/reference.h"

using namespace devc::compose::schema;
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

TEST_CASE("every attribute of the tables has a meaning, and every meaning an attribute") {
    for (const std::string& wrong : undescribed()) FAIL_CHECK(wrong);
}

TEST_CASE("docs/reference/compose.md is what the tables say") {
    std::ifstream file(DEVC_SOURCE_DIR "/docs/reference/compose.md");
    std::string committed{std::istreambuf_iterator<char>(file), {}};
    INFO("make it anew: devc config --reference -o docs/reference/compose.md");
    CHECK((committed == reference()));
}
