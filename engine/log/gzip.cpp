#include "engine/log/gzip.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "engine/error.h"

namespace devc::engine {

namespace {

constexpr int gzipWindow = 15 + 16;
using Chunk = std::array<unsigned char, 65536>;

size_t readChunk(int file, Chunk& chunk) {
    const ssize_t got = readSome(file, chunk.data(), chunk.size());
    if (got < 0) throw SystemError("read a log file", errno);
    return static_cast<size_t>(got);
}

std::string_view written(const Chunk& chunk, const z_stream& stream) {
    return {reinterpret_cast<const char*>(chunk.data()), chunk.size() - stream.avail_out};
}

class Deflater {
public:
    explicit Deflater(std::string comment) : comment_(std::move(comment)) {
        if (::deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED, gzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw Error("zlib has no memory");
        header_.comment = reinterpret_cast<Bytef*>(comment_.data());
        header_.os = 3;  // Unix
        ::deflateSetHeader(&stream_, &header_);
    }
    ~Deflater() { ::deflateEnd(&stream_); }
    Deflater(const Deflater&) = delete;
    Deflater& operator=(const Deflater&) = delete;

    void copy(int from, int to) {
        Chunk in, out;
        for (size_t got = 1; got;) {
            got = readChunk(from, in);
            stream_.next_in = in.data();
            stream_.avail_in = static_cast<uInt>(got);
            do {
                stream_.next_out = out.data();
                stream_.avail_out = static_cast<uInt>(out.size());
                ::deflate(&stream_, got ? Z_NO_FLUSH : Z_FINISH);
                writeAll(to, written(out, stream_));
            } while (stream_.avail_out == 0);
        }
    }

private:
    std::string comment_;
    gz_header header_{};
    z_stream stream_{};
};

class Inflater {
public:
    Inflater() {
        if (::inflateInit2(&stream_, gzipWindow) != Z_OK) throw Error("zlib has no memory");
        header_.comment = comment_.data();
        header_.comm_max = static_cast<uInt>(comment_.size() - 1);
        ::inflateGetHeader(&stream_, &header_);
    }
    ~Inflater() { ::inflateEnd(&stream_); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    void copy(int from, int to) {
        Chunk in, out;
        for (int status = Z_OK; status == Z_OK;) {
            size_t got = readChunk(from, in);
            if (!got) return;
            stream_.next_in = in.data();
            stream_.avail_in = static_cast<uInt>(got);
            do {
                stream_.next_out = out.data();
                stream_.avail_out = static_cast<uInt>(out.size());
                status = ::inflate(&stream_, Z_NO_FLUSH);
                writeAll(to, written(out, stream_));
            } while (status == Z_OK && stream_.avail_out == 0);
            if (status == Z_BUF_ERROR) status = Z_OK;  // it wants more to read
        }
    }

    std::string comment(int from) {
        Chunk in;
        ssize_t got = ::pread(from, in.data(), 256, 0);
        if (got <= 0) return {};
        unsigned char out = 0;
        stream_.next_in = in.data();
        stream_.avail_in = static_cast<uInt>(got);
        stream_.next_out = &out;
        stream_.avail_out = 1;
        ::inflate(&stream_, Z_BLOCK);
        return header_.done == 1 ? reinterpret_cast<const char*>(comment_.data()) : "";
    }

private:
    std::array<Bytef, 64> comment_{};
    gz_header header_{};
    z_stream stream_{};
};

}  // namespace

std::string identityOf(int file) {
    struct stat about{};
    if (::fstat(file, &about) != 0) throw SystemError("stat a log file", errno);
    int generation = 0;  // an int, whatever the name of the request says
    if (::ioctl(file, FS_IOC_GETVERSION, &generation) != 0) generation = 0;
    return fmt::format("{}.{}", about.st_ino, static_cast<unsigned>(generation));
}

void compressLog(const std::string& from, const std::string& to) {
    Fd source = openFile(from, O_RDONLY);
    const std::string aside = to + ".part";
    try {
        Fd target = openFile(aside, O_WRONLY | O_CREAT | O_TRUNC, 0640);
        Deflater(identityOf(source.get())).copy(source.get(), target.get());
        if (::rename(aside.c_str(), to.c_str()) != 0) throw SystemError("rename " + aside, errno);
    } catch (...) {
        ::unlink(aside.c_str());
        throw;
    }
    ::unlink(from.c_str());
}

std::string identityOfCompressed(int file) { return Inflater().comment(file); }

Fd decompressLog(int file, const std::string& folder) {
    Fd target = openFile(folder, O_TMPFILE | O_RDWR, 0600);
    Inflater().copy(file, target.get());
    ::lseek(target.get(), 0, SEEK_SET);
    return target;
}

}  // namespace devc::engine
