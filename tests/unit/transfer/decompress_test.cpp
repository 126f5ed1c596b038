#include <doctest/doctest.h>

#include <random>

#include <archive.h>
#include <archive_entry.h>

#include "engine/error.h"
#include "engine/transfer/decompress.h"

using namespace devc::engine;
using namespace devc::engine::transfer;

namespace {

/// Text in pieces of a fixed size.
class PieceSource : public Source {
public:
    PieceSource(std::string text, std::size_t piece) : text_(std::move(text)), piece_(piece) {}
    std::string_view read() override {
        const std::string_view next = std::string_view(text_).substr(at_, piece_);
        at_ += next.size();
        return next;
    }

private:
    std::string text_;
    std::size_t piece_, at_ = 0;
};

std::string gzipped(const std::string& text) {
    std::string result(text.size() + text.size() / 1000 + 1000, '\0');
    std::size_t used = 0;
    archive* writer = archive_write_new();
    archive_write_set_format_raw(writer);
    archive_write_add_filter_gzip(writer);
    archive_write_set_bytes_in_last_block(writer, 1);
    archive_write_open_memory(writer, result.data(), result.size(), &used);
    archive_entry* entry = archive_entry_new();
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_write_header(writer, entry);
    archive_write_data(writer, text.data(), text.size());
    archive_entry_free(entry);
    archive_write_close(writer);
    archive_write_free(writer);
    result.resize(used);
    return result;
}

std::string plain(const std::string& data, std::size_t piece, const Limits& limits = {}) {
    PieceSource input(data, piece);
    const auto source = decompress(input, Compression::Gzip, limits);
    std::string text;
    for (std::string_view part = source->read(); !part.empty(); part = source->read()) text += part;
    return text;
}

/// Half of it is noise, half repeats.
std::string mixed(std::size_t size) {
    std::mt19937 random(static_cast<unsigned>(size));
    std::string text(size, 'x');
    for (std::size_t i = 0; i < size; ++i)
        if (i / 4096 % 2 == 0) text[i] = static_cast<char>(random());
    return text;
}

}  // namespace

TEST_CASE("gzip gives back what went in, however it arrives") {
    for (std::size_t size : {std::size_t{0}, std::size_t{1}, chunkSize - 1, chunkSize, chunkSize + 1, 3 * chunkSize + 77}) {
        const std::string text = mixed(size), data = gzipped(text);
        for (std::size_t piece : {std::size_t{997}, std::size_t{65536}, data.size()}) CHECK(plain(data, piece) == text);
    }
    const std::string text = mixed(5000), data = gzipped(text), zeros(3 * chunkSize, '\0');
    CHECK(plain(data, 1) == text);
    CHECK(plain(gzipped(zeros), 1) == zeros);
    CHECK(plain(gzipped(zeros), 4096) == zeros);
}

TEST_CASE("gzip: members continue each other, zeros may follow, anything else is refused") {
    const std::string one = gzipped(mixed(20000)), two = gzipped("second");
    for (std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{100000}}) {
        CHECK(plain(one + two, piece) == mixed(20000) + "second");
        CHECK(plain(one + std::string(1000, '\0'), piece) == mixed(20000));
        CHECK_THROWS_AS(plain(one + "rest", piece), Error);
    }
}

TEST_CASE("gzip that ends early or was changed is refused") {
    const std::string data = gzipped(mixed(30000));
    for (std::size_t missing = 1; missing < 40; ++missing) CHECK_THROWS_AS(plain(data.substr(0, data.size() - missing), 512), Error);
    int refused = 0;
    for (std::size_t at = 20; at < data.size(); at += data.size() / 50) {
        std::string changed = data;
        changed[at] = static_cast<char>(changed[at] ^ 0x55);
        CAPTURE(at);
        // Another distance of a repetition may mean the same bytes; never others.
        try {
            const std::string given = plain(changed, 512);
            CHECK(given == mixed(30000));
        } catch (const Error&) {
            ++refused;
        }
    }
    CHECK(refused > 40);
}

TEST_CASE("gzip that expands beyond the limits is refused, and which variable raises them is said") {
    Limits limits;
    limits.expansionFrom = 1 << 20;
    try {
        plain(gzipped(std::string(30 << 20, 'x')), 65536, limits);
        FAIL("accepted");
    } catch (const Error& error) {
        CHECK(std::string(error.what()).find("decompression bomb") != std::string::npos);
        CHECK(error.hints().front().find("DEVC_MAX_EXPANSION") != std::string::npos);
    }
}
