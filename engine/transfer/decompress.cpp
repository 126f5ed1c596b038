#include "engine/transfer/decompress.h"

#include <archive.h>
#include <isa-l/igzip_lib.h>
#include <zstd.h>

#include "engine/error.h"
#include "engine/transfer/archive_handle.h"

namespace devc::engine::transfer {

namespace {

/// Counts both sides, so that a small file cannot fill the disk.
class ExpansionGuard {
public:
    explicit ExpansionGuard(const Limits& limits) : limits_(limits) {}
    void in(std::size_t bytes) { in_ += bytes; }
    void out(std::size_t bytes) {
        out_ += bytes;
        if (out_ > limits_.layerBytes) {
            throw Error::of("the archive unpacks to more than {} bytes", limits_.layerBytes)
                .hint("DEVC_MAX_LAYER_BYTES raises the limit");
        }
        if (out_ > limits_.expansionFrom && out_ / limits_.expansion > in_) {
            throw Error::of("the archive expands more than {} times: it looks like a decompression bomb", limits_.expansion)
                .hint("DEVC_MAX_EXPANSION raises the limit");
        }
    }

private:
    const Limits& limits_;
    std::uint64_t in_ = 0, out_ = 0;
};

/// ISA-L takes half of zlib's time.
class GzipSource : public Source {
public:
    GzipSource(Source& inner, const Limits& limits) : inner_(inner), guard_(limits), buffer_(chunkSize) {
        isal_inflate_init(&state_);
        state_.crc_flag = ISAL_GZIP;
    }

    std::string_view read() override {
        state_.next_out = reinterpret_cast<std::uint8_t*>(buffer_.data());
        state_.avail_out = static_cast<std::uint32_t>(buffer_.size());
        while (state_.avail_out == buffer_.size()) {
            if (state_.avail_in == 0 && !outputWaits_ && !refill()) {
                if (!betweenMembers_) throw Error("the gzip data ends early");
                return {};
            }
            if (betweenMembers_ && !nextMember()) continue;
            step();
        }
        std::size_t got = buffer_.size() - state_.avail_out;
        guard_.out(got);
        return {buffer_.data(), got};
    }

private:
    bool refill() {
        std::string_view data = inner_.read();
        guard_.in(data.size());
        state_.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(data.data()));
        state_.avail_in = static_cast<std::uint32_t>(data.size());
        return !data.empty();
    }
    /// Zeros after the last member are padding; another member continues the data.
    bool nextMember() {
        while (state_.avail_in > 0 && *state_.next_in == 0) {
            ++state_.next_in;
            --state_.avail_in;
        }
        if (state_.avail_in == 0) return false;
        if (*state_.next_in != 0x1f) throw Error("the gzip data is followed by something else");
        isal_inflate_reset(&state_);
        betweenMembers_ = false;
        return true;
    }
    void step() {
        const int result = isal_inflate(&state_);
        if (result == ISAL_INCORRECT_CHECKSUM) throw Error("the gzip data is damaged (its checksum is wrong)");
        if (result != ISAL_DECOMP_OK) throw Error::of("the gzip data is damaged ({})", result);
        betweenMembers_ = state_.block_state == ISAL_BLOCK_FINISH;
        outputWaits_ = state_.avail_out == 0 && !betweenMembers_;
    }

    Source& inner_;
    ExpansionGuard guard_;
    std::vector<char> buffer_;
    inflate_state state_{};
    bool betweenMembers_ = false;
    bool outputWaits_ = false;  ///< all input may have been taken, but the buffer was too small for what it gives
};

class ZstdSource : public Source {
public:
    ZstdSource(Source& inner, const Limits& limits) : inner_(inner), guard_(limits), buffer_(chunkSize), stream_(ZSTD_createDStream()) {
        if (stream_ == nullptr) throw Error("zstd cannot start");
        ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, 27);  // 128 MiB: what the command line tool accepts
    }
    ~ZstdSource() override { ZSTD_freeDStream(stream_); }

    std::string_view read() override {
        ZSTD_outBuffer out{buffer_.data(), buffer_.size(), 0};
        while (out.pos == 0) {
            if (in_.pos == in_.size && !flushing_) {
                std::string_view data = inner_.read();
                if (data.empty()) {
                    if (pending_ != 0) throw Error("the zstd data ends early");
                    return {};
                }
                guard_.in(data.size());
                in_ = {data.data(), data.size(), 0};
            }
            std::size_t result = ZSTD_decompressStream(stream_, &out, &in_);
            if (ZSTD_isError(result)) throw Error::of("the zstd data is damaged ({})", ZSTD_getErrorName(result));
            pending_ = result;
            flushing_ = out.pos == out.size;
        }
        guard_.out(out.pos);
        return {buffer_.data(), out.pos};
    }

private:
    Source& inner_;
    ExpansionGuard guard_;
    std::vector<char> buffer_;
    ZSTD_DStream* stream_;
    ZSTD_inBuffer in_{nullptr, 0, 0};
    std::size_t pending_ = 0;
    bool flushing_ = false;  ///< output may wait inside although all input was taken
};

/// xz and bzip2, by libarchive's filters over its "raw" format.
class FilterSource : public Source {
public:
    FilterSource(Source& inner, const Limits& limits) : inner_(inner), guard_(limits), archive_(archive_read_new()) {
        archive_read_support_filter_xz(archive_.get());
        archive_read_support_filter_bzip2(archive_.get());
        archive_read_support_format_raw(archive_.get());
        if (archive_read_open(archive_.get(), this, nullptr, &feed, nullptr) != ARCHIVE_OK) fail();
        archive_entry* entry = nullptr;
        if (archive_read_next_header(archive_.get(), &entry) != ARCHIVE_OK) fail();
    }

    std::string_view read() override {
        const void* data = nullptr;
        std::size_t size = 0;
        la_int64_t offset = 0;
        int result = archive_read_data_block(archive_.get(), &data, &size, &offset);
        if (result == ARCHIVE_EOF) return {};
        if (result != ARCHIVE_OK) fail();
        guard_.out(size);
        return {static_cast<const char*>(data), size};
    }

private:
    [[noreturn]] void fail() {
        if (problem_) std::rethrow_exception(problem_);
        const char* reason = archive_error_string(archive_.get());
        throw Error::of("the compressed data is damaged ({})", reason ? reason : "unknown");
    }
    static la_ssize_t feed(archive* handle, void* self, const void** data) {
        auto* source = static_cast<FilterSource*>(self);
        try {
            std::string_view chunk = source->inner_.read();
            source->guard_.in(chunk.size());
            *data = chunk.data();
            return static_cast<la_ssize_t>(chunk.size());
        } catch (...) {
            source->problem_ = std::current_exception();
            archive_set_error(handle, ARCHIVE_FATAL, "input failed");
            return -1;
        }
    }

    Source& inner_;
    ExpansionGuard guard_;
    std::exception_ptr problem_;
    ArchiveHandle archive_;
};

/// Plain data is bounded too.
class PlainSource : public Source {
public:
    PlainSource(Source& inner, const Limits& limits) : inner_(inner), guard_(limits) {}
    std::string_view read() override {
        std::string_view data = inner_.read();
        guard_.in(data.size());
        guard_.out(data.size());
        return data;
    }

private:
    Source& inner_;
    ExpansionGuard guard_;
};

}  // namespace

Compression compressionOf(std::string_view head) {
    using namespace std::string_view_literals;
    if (head.starts_with("\x1f\x8b"sv)) return Compression::Gzip;
    if (head.starts_with("\x28\xb5\x2f\xfd"sv)) return Compression::Zstd;
    // A skippable frame may stand first (zstd:chunked, estargz-like tools).
    if (head.size() >= 4 && (static_cast<unsigned char>(head[0]) & 0xf0) == 0x50 && head.substr(1, 3) == "\x2a\x4d\x18"sv) return Compression::Zstd;
    if (head.starts_with("\xfd"
                         "7zXZ\0"sv)) return Compression::Xz;
    if (head.starts_with("BZh"sv) && head.size() >= 10 && head.substr(4, 6) == "1AY&SY"sv) return Compression::Bzip2;
    return Compression::None;
}

std::string_view nameOf(Compression compression) {
    switch (compression) {
        case Compression::None: return "none";
        case Compression::Gzip: return "gzip";
        case Compression::Zstd: return "zstd";
        case Compression::Xz: return "xz";
        case Compression::Bzip2: return "bzip2";
    }
    return "none";
}

std::unique_ptr<Source> decompress(Source& inner, Compression compression, const Limits& limits) {
    switch (compression) {
        case Compression::Gzip: return std::make_unique<GzipSource>(inner, limits);
        case Compression::Zstd: return std::make_unique<ZstdSource>(inner, limits);
        case Compression::Xz:
        case Compression::Bzip2: return std::make_unique<FilterSource>(inner, limits);
        case Compression::None: break;
    }
    return std::make_unique<PlainSource>(inner, limits);
}

}  // namespace devc::engine::transfer
