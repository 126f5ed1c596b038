#include "engine/log/gelf.h"

#include <charconv>
#include <cmath>

#include <nlohmann/json.hpp>
#include <sys/random.h>
#include <zlib.h>

#include "engine/error.h"

namespace devc::engine {

namespace {

using Json = nlohmann::json;

constexpr size_t chunkPayload = 1420 - 12, maximumChunks = 128;

/// One block of zlib or gzip. zlib counts in 32 bits, and a message is far smaller.
std::string compressed(const std::string& data, const GelfSettings& settings) {
    z_stream stream{};
    int window = settings.compression == GelfCompression::Gzip ? 15 + 16 : 15;
    if (::deflateInit2(&stream, settings.level, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw Error("zlib has no memory");
    std::string out(::deflateBound(&stream, data.size()), 0);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
    stream.avail_in = static_cast<uInt>(data.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    ::deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    ::deflateEnd(&stream);
    return out;
}

/// Magic, the message's number, which of how many it is, and a piece.
std::vector<std::string> chunksOf(const std::string& data) {
    if (data.size() <= chunkPayload + 12) return {data};
    size_t count = (data.size() + chunkPayload - 1) / chunkPayload;
    if (count > maximumChunks) return {};
    std::string head = {0x1e, 0x0f};
    head.resize(10);
    if (::getrandom(head.data() + 2, 8, 0) != 8) throw SystemError("getrandom", errno);
    std::vector<std::string> chunks;
    for (size_t i = 0; i < count; ++i)
        chunks.push_back(head + static_cast<char>(i) + static_cast<char>(count) + data.substr(i * chunkPayload, chunkPayload));
    return chunks;
}

class GelfEncoder : public LogEncoder {
public:
    GelfEncoder(const GelfSettings& settings, const LogSource& source)
        : settings_(settings),
          fields_({{"version", "1.1"}, {"host", source.host}, {"_container_id", source.id}, {"_container_name", source.name},
                   {"_image_id", source.imageId}, {"_image_name", source.imageName}, {"_command", source.command},
                   {"_tag", source.tag}, {"_created", source.created}}) {
        for (const auto& [key, value] : source.attributes) fields_["_" + key] = value;
    }

    std::vector<std::string> encode(const LogMessage& message) override {
        if (message.text.empty()) return {};
        fields_["short_message"] = message.text;
        const std::int64_t milliseconds = message.moment / 1'000'000;
        fields_["timestamp"] = static_cast<double>(milliseconds) / 1000;
        fields_["level"] = message.fromStderr ? 3 : 6;
        std::string text = fields_.dump(-1, ' ', false, Json::error_handler_t::replace);
        if (!settings_.datagrams) return {text + '\0'};
        return chunksOf(settings_.compression == GelfCompression::None ? text : compressed(text, settings_));
    }

private:
    GelfSettings settings_;
    Json fields_;
};

}  // namespace

GelfSettings readGelf(const LogOptions& options, LogDelivery& delivery) {
    GelfSettings settings;
    LogAddress address = parseGelfAddress(textOption(options, "gelf-address"));
    bool tcp = isStream(address);
    for (const char* name : {"gelf-compression-type", "gelf-compression-level"})
        if (tcp && options.contains(name)) throw Error("compression is only supported on UDP");
    for (const char* name : {"gelf-tcp-max-reconnect", "gelf-tcp-reconnect-delay"}) {
        if (!options.contains(name)) continue;
        if (!tcp) throw Error::of("\"{}\" is only valid for TCP", name);
        std::string text = options.at(name);
        unsigned number = 0;
        auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc{} || end != text.data() + text.size()) throw Error::of("\"{}\" must be a positive integer", name);
    }
    auto refuse = [&](const char* name) {
        throw Error::of("unknown value \"{}\" for log opt \"{}\" for gelf log driver", options.at(name), name);
    };
    std::string type = textOption(options, "gelf-compression-type", "gzip"), level = textOption(options, "gelf-compression-level", "1");
    if (type == "zlib") settings.compression = GelfCompression::Zlib;
    else if (type == "none" || tcp) settings.compression = GelfCompression::None;
    else if (type != "gzip") refuse("gelf-compression-type");
    auto [end, error] = std::from_chars(level.data(), level.data() + level.size(), settings.level);
    if (error != std::errc{} || end != level.data() + level.size() || settings.level < -1 || settings.level > 9) refuse("gelf-compression-level");
    delivery.address = address;
    settings.datagrams = !tcp;
    if (!tcp) return settings;
    delivery.maximumRetries = countOption(options, "gelf-tcp-max-reconnect", 3, 0);
    delivery.retryWait = std::chrono::seconds(countOption(options, "gelf-tcp-reconnect-delay", 1, 0));
    return settings;
}

std::unique_ptr<LogEncoder> gelfEncoder(const GelfSettings& settings, const LogSource& source) {
    return std::make_unique<GelfEncoder>(settings, source);
}

}  // namespace devc::engine
