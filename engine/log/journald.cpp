#include "engine/log/journald.h"

#include <cctype>

#include "engine/timestamp.h"

namespace devc::engine {

namespace {

void add(std::string& entry, std::string_view field, std::string_view value) {
    entry += field;
    if (value.find('\n') == std::string_view::npos) {
        entry += '=';
    } else {
        entry += '\n';
        std::uint64_t size = value.size();
        for (int i = 0; i < 8; ++i, size >>= 8) entry += static_cast<char>(size & 0xff);
    }
    entry += value;
    entry += '\n';
}

class JournaldEncoder : public LogEncoder {
public:
    explicit JournaldEncoder(const LogSource& source) {
        add(fields_, "CONTAINER_ID", std::string_view(source.id).substr(0, 12));
        add(fields_, "CONTAINER_ID_FULL", source.id);
        add(fields_, "CONTAINER_NAME", source.name);
        add(fields_, "CONTAINER_TAG", source.tag);
        add(fields_, "IMAGE_NAME", source.imageName);
        add(fields_, "SYSLOG_IDENTIFIER", source.tag);
        for (const auto& [key, value] : source.attributes)
            if (std::string field = journaldField(key); !field.empty()) add(fields_, field, value);
    }

    std::vector<std::string> encode(const LogMessage& message) override {
        std::string entry = fields_;
        add(entry, "PRIORITY", message.fromStderr ? "3" : "6");
        add(entry, "SYSLOG_TIMESTAMP", formatMoment(message.moment));
        if (message.part) {
            add(entry, "CONTAINER_PARTIAL_ID", message.part->id);
            add(entry, "CONTAINER_PARTIAL_ORDINAL", std::to_string(message.part->number));
            add(entry, "CONTAINER_PARTIAL_LAST", message.part->last ? "true" : "false");
            if (!message.part->last) add(entry, "CONTAINER_PARTIAL_MESSAGE", "true");
        }
        add(entry, "MESSAGE", message.text);
        return {entry};
    }

private:
    std::string fields_;
};

}  // namespace

std::string journaldField(std::string_view key) {
    std::string field;
    for (unsigned char c : key) {
        char made = std::isalnum(c) ? static_cast<char>(std::toupper(c)) : '_';
        if (made != '_' || !field.empty()) field += made;
    }
    return field;
}

std::unique_ptr<LogEncoder> journaldEncoder(const LogSource& source) { return std::make_unique<JournaldEncoder>(source); }

}  // namespace devc::engine
