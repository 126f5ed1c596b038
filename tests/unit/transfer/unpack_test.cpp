#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/linux/fd.h"
#include "engine/transfer/layer.h"
#include "engine/transfer/layer_tar.h"
#include "tests/unit/temporary_folder.h"

using namespace devc::engine;
using namespace devc::engine::transfer;
namespace fs = std::filesystem;

namespace {

class TextSource : public Source {
public:
    explicit TextSource(std::string text) : text_(std::move(text)) {}
    std::string_view read() override {
        std::string_view rest = std::string_view(text_).substr(at_, 700);
        at_ += rest.size();
        return rest;
    }

private:
    std::string text_;
    std::size_t at_ = 0;
};

std::string tarOf(const fs::path& folder) {
    std::string tar;
    writeLayer(folder.string(), [&](std::string_view data) { tar += data; });
    return tar;
}

/// A header of a tar, for entries that have no data.
std::string entryOf(const std::string& name, char type, const std::string& link) {
    std::string header(512, '\0');
    const auto put = [&](std::size_t at, const std::string& text) { header.replace(at, text.size(), text); };
    put(0, name);
    put(100, "0000644");
    put(108, fmt::format("{:07o}", ::geteuid()));
    put(116, fmt::format("{:07o}", ::getegid()));
    put(124, "00000000000");
    put(136, "00000000001");
    put(148, "        ");
    header[156] = type;
    put(157, link);
    put(257, std::string("ustar\0" "00", 8));
    unsigned sum = 0;
    for (char c : header) sum += static_cast<unsigned char>(c);
    put(148, fmt::format("{:06o}", sum) + std::string(1, '\0'));
    return header;
}

}  // namespace

TEST_CASE("a folder written as a layer and unpacked is the same folder") {
    TemporaryFolder from, to;
    fs::create_directories(from.path / "d/e");
    writeFileAtomically((from.path / "d/file").string(), "content", 0640);
    fs::create_hard_link(from.path / "d/file", from.path / "d/linked");
    fs::create_symlink("../nowhere", from.path / "d/e/link");
    std::string tar = tarOf(from.path);
    CHECK(tar == tarOf(from.path));
    TextSource source(tar);
    Unpacked unpacked = unpack(source, to.path.string(), Limits{});
    CHECK(unpacked.bytes == 7);
    CHECK(readFile((to.path / "d/linked").string()) == "content");
    CHECK(fs::hard_link_count(to.path / "d/file") == 2);
    CHECK(fs::read_symlink(to.path / "d/e/link") == "../nowhere");
    CHECK(tarOf(to.path) == tar);
}

TEST_CASE("a tar that ends early is an error, not a shorter layer") {
    TemporaryFolder from, to;
    writeFileAtomically((from.path / "file").string(), std::string(5000, 'x'));
    TextSource source(tarOf(from.path).substr(0, 2000));
    CHECK_THROWS_AS(unpack(source, to.path.string(), Limits{}), Error);
}

TEST_CASE("what is no tar is refused, and its reader is not left behind") {
    TemporaryFolder to;
    TextSource source(std::string(2000, 'x'));
    CHECK_THROWS_AS(unpack(source, to.path.string(), Limits{}), Error);
}

TEST_CASE("a layer larger than the limit is refused") {
    TemporaryFolder from, to;
    writeFileAtomically((from.path / "file").string(), std::string(5000, 'x'));
    TextSource source(tarOf(from.path));
    Limits limits;
    limits.layerBytes = 4000;
    CHECK_THROWS_AS(unpack(source, to.path.string(), limits), Error);
}

TEST_CASE("a whiteout of the upper folder becomes one of the layer and comes back" * doctest::skip(::geteuid() != 0)) {
    TemporaryFolder from, to;
    REQUIRE(::mknod((from.path / "gone").c_str(), S_IFCHR | 0600, 0) == 0);
    std::string tar = tarOf(from.path);
    CHECK(tar.find(".wh.gone") != std::string::npos);
    TextSource source(tar);
    unpack(source, to.path.string(), Limits{});
    struct stat status {};
    REQUIRE(::lstat((to.path / "gone").c_str(), &status) == 0);
    CHECK(S_ISCHR(status.st_mode));
    CHECK(status.st_rdev == 0);
}

TEST_CASE("a link to a file of the layers below is a copy of it") {
    TemporaryFolder lower, upper;
    writeFileAtomically((lower.path / "file").string(), "below", 0640);
    Unpacked unpacked;
    unpacked.linksBelow.push_back({"linked", "file"});
    completeFromBelow(unpacked, upper.path.string(), {lower.path.string()});
    CHECK(readFile((upper.path / "linked").string()) == "below");
    unpacked.linksBelow = {{"linked", "missing"}};
    CHECK_THROWS_AS(completeFromBelow(unpacked, upper.path.string(), {lower.path.string()}), Error);
}

TEST_CASE("what a layer has under a link's name after the link counts, and is not opened") {
    TemporaryFolder lower, upper;
    writeFileAtomically((lower.path / "file").string(), "below", 0640);
    std::string tar = entryOf("linked", '1', "file") + entryOf("linked", '6', "") + entryOf("again", '0', "") + entryOf("again", '1', "file") + std::string(1024, '\0');
    TextSource source(tar);
    Unpacked unpacked = unpack(source, upper.path.string(), Limits{});
    completeFromBelow(unpacked, upper.path.string(), {lower.path.string()});
    CHECK(fs::is_fifo(upper.path / "linked"));
    CHECK(readFile((upper.path / "again").string()) == "below");
}
