#include "engine/template/template.h"

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "tests/fuzz/input.h"

using devc::engine::Template;

/// --format templates, over an object as `inspect` has them; lists of one, so that nested ranges end.
void fuzz(std::string_view text) {
    static const nlohmann::json data = {
        {"Name", "/web"}, {"Size", 12}, {"Ratio", 0.5}, {"None", nullptr},
        {"State", {{"Status", "running"}, {"OOMKilled", false}}},
        {"Labels", {{"a.b", "1"}}}, {"Env", {"A=1"}},
        {"Ports", {{"80/tcp", {{{"HostIp", "0.0.0.0"}, {"HostPort", "8080"}}}}}},
    };
    try {
        const Template parsed = Template::parse(text);
        parsed.header({{"Name", "NAMES"}});
        parsed.render(data);
    } catch (const devc::engine::Error&) {
    }
}
