#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "engine/build/history.h"

using namespace devc::engine::build;
using nlohmann::json;

namespace {
Snapshot layersAt(const std::vector<std::int64_t>& times) {
    Snapshot snapshot;
    for (const std::int64_t time : times) snapshot.add({.diffId = "sha256:0", .blobDigest = {}, .mediaType = {}}, time);
    return snapshot;
}
const json metadata = {{"created_by", "ENV"}, {"empty_layer", true}};
const json layer = {{"created_by", "RUN"}};
}  // namespace

TEST_CASE("a history entry has the time of its layer, metadata that of the layer beside it") {
    json document = {{"history", {{{"created", "2020-01-01T00:00:00Z"}}, metadata, layer, metadata, layer}}};
    completeTimes(document, layersAt({0, 60, 120}), "now");
    CHECK(document["history"][0]["created"] == "2020-01-01T00:00:00Z");
    CHECK(document["history"][1]["created"] == "1970-01-01T00:01:00Z");
    CHECK(document["history"][2]["created"] == "1970-01-01T00:01:00Z");
    CHECK(document["history"][4]["created"] == "1970-01-01T00:02:00Z");
    CHECK(document["created"] == "1970-01-01T00:02:00Z");
}

TEST_CASE("an image of metadata alone is as old as its base") {
    json document = {{"history", {{{"created", "2020-01-01T00:00:00Z"}}, metadata}}};
    completeTimes(document, layersAt({0}), "now");
    CHECK(document["created"] == "2020-01-01T00:00:00Z");
}

TEST_CASE("where nothing has a time, the given one is used") {
    json document = {{"history", {metadata}}};
    completeTimes(document, layersAt({}), "now");
    CHECK(document["created"] == "now");
    json empty = {{"history", json::array()}};
    completeTimes(empty, layersAt({}), "now");
    CHECK(empty["created"] == "now");
}
