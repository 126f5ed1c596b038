#include "engine/log/fluentd.h"

#include <nlohmann/json.hpp>

#include "engine/error.h"

namespace devc::engine {

using namespace std::chrono_literals;

namespace {

using Json = nlohmann::json;

/// Seconds and nanoseconds, four bytes each, most significant first: extension type 0.
Json eventTime(std::int64_t moment) {
    std::vector<std::uint8_t> bytes;
    for (std::int64_t half : {moment / 1'000'000'000, moment % 1'000'000'000})
        for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(half >> shift));
    return Json::binary(std::move(bytes), 0);
}

class FluentdEncoder : public LogEncoder {
public:
    FluentdEncoder(const FluentdSettings& settings, const LogSource& source)
        : settings_(settings), tag_(source.tag), record_({{"container_id", source.id}, {"container_name", "/" + source.name}}) {
        for (const auto& [key, value] : source.attributes) record_[key] = value;
    }

    std::vector<std::string> encode(const LogMessage& message) override {
        Json record = record_;
        record["source"] = message.fromStderr ? "stderr" : "stdout";
        record["log"] = message.text;
        if (message.part) {
            record["partial_message"] = "true";
            record["partial_id"] = message.part->id;
            record["partial_ordinal"] = std::to_string(message.part->number);
            record["partial_last"] = message.part->last ? "true" : "false";
        }
        Json time = settings_.subSecond ? eventTime(message.moment) : Json(message.moment / 1'000'000'000);
        std::string out;
        Json::to_msgpack(Json::array({tag_, std::move(time), std::move(record), Json::object()}), out);
        return {out};
    }

private:
    FluentdSettings settings_;
    std::string tag_;
    Json record_;
};

}  // namespace

FluentdSettings readFluentd(const LogOptions& options, LogDelivery& delivery) {
    if (options.contains("fluentd-async") && options.contains("fluentd-async-connect"))
        throw Error("conflicting options: cannot specify both 'fluentd-async' and 'fluentd-async-connect'");
    delivery.address = parseFluentdAddress(textOption(options, "fluentd-address", "localhost"));
    delivery.waitsForReceiver = !flagOption(options, "fluentd-async", flagOption(options, "fluentd-async-connect", false));
    delivery.bufferSize = sizeOption(options, "fluentd-buffer-limit", delivery.bufferSize, Unit::Binary);
    delivery.retryWait = durationOption(options, "fluentd-retry-wait", 1s);
    delivery.retryWait = durationOption(options, "fluentd-async-reconnect-interval", delivery.retryWait);
    if (options.contains("fluentd-max-retries")) delivery.maximumRetries = countOption(options, "fluentd-max-retries", 0, 0);
    durationOption(options, "fluentd-write-timeout", 0s);  // nothing here waits for a write
    if (flagOption(options, "fluentd-request-ack", false))
        throw Error("fluentd-request-ack: devc does not wait for fluentd's acknowledgements").hint("remove it: TCP says when a message was not taken");
    return {flagOption(options, "fluentd-sub-second-precision", false)};
}

std::unique_ptr<LogEncoder> fluentdEncoder(const FluentdSettings& settings, const LogSource& source) {
    return std::make_unique<FluentdEncoder>(settings, source);
}

}  // namespace devc::engine
