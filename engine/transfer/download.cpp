#include "engine/transfer/download.h"

#include <charconv>

#include <curl/curl.h>
#include <nlohmann/json.hpp>

#include "engine/digest.h"
#include "engine/error.h"
#include "engine/linux/fd.h"
#include "engine/transfer/http.h"

namespace devc::engine::transfer {

namespace {

std::int64_t sizeOf(const HttpAnswer& answer) {
    const std::string text = answer.header("content-length");
    std::int64_t size = -1;
    std::from_chars(text.data(), text.data() + text.size(), size);
    return size;
}

}  // namespace

nlohmann::json download(const nlohmann::json& request, int output, const Limits& limits, const RegistrySettings& settings) {
    const bool onlyHead = request.value("head", false);
    HttpClient client(limits, settings);
    HttpRequest query;
    query.method = onlyHead ? "HEAD" : "GET";
    query.url = request.at("url");
    Sha256 digest;
    std::uint64_t received = 0;
    query.sink = [&](std::string_view data) {
        received += data.size();
        if (received > limits.layerBytes) throw Error::of("{} is longer than {} bytes", query.url, limits.layerBytes).hint("DEVC_MAX_LAYER_BYTES is the limit");
        digest.update(data);
        writeAll(output, data);
        return true;
    };
    const HttpAnswer answer = client.request(query);
    if (answer.status != 200) throw Error::of("invalid response status {}", answer.status).during("fetching {}", query.url);
    const std::string modified = answer.header("last-modified");
    const std::int64_t time = modified.empty() ? -1 : static_cast<std::int64_t>(curl_getdate(modified.c_str(), nullptr));
    nlohmann::json result = {{"etag", answer.header("etag")}, {"modified", modified}, {"time", std::max<std::int64_t>(time, 0)}, {"size", sizeOf(answer)}};
    if (!onlyHead) result["digest"] = "sha256:" + digest.finish();
    return result;
}

}  // namespace devc::engine::transfer
