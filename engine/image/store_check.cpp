#include <fcntl.h>
#include <filesystem>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "engine/digest.h"
#include "engine/error.h"
#include "engine/image/images.h"

namespace devc::engine {

using nlohmann::json;
namespace fs = std::filesystem;

namespace {

std::string hexOf(const std::string& digest) { return digest.starts_with("sha256:") ? digest.substr(7) : digest; }
std::string brief(const std::string& digest) { return hexOf(digest).substr(0, 12); }

std::string digestOfFile(const fs::path& path) {
    constexpr std::size_t step = 1 << 20;
    const Fd file = openFile(path.string(), O_RDONLY);
    std::string buffer(step, '\0');
    Sha256 sum;
    for (;;) {
        const ssize_t got = readSome(file.get(), buffer.data(), buffer.size());
        if (got < 0) throw SystemError("read " + path.string(), errno);
        if (got == 0) return sum.finish();
        sum.update({buffer.data(), static_cast<std::size_t>(got)});
    }
}

struct Row {
    std::string id, manifest, config;
    std::vector<std::string> chains;
};

class Checker {
public:
    Checker(const Host& host, Database& database, bool fix) : host_(host), database_(database), fix_(fix) {}

    StoreReport run() {
        checkModes();
        checkBlobs();
        for (const Row& row : rows()) checkImage(row);
        return std::move(report_);
    }

private:
    template <typename... T>
    void problem(fmt::format_string<T...> format, T&&... arguments) {
        report_.problems.push_back(fmt::format(format, std::forward<T>(arguments)...));
    }

    void checkModes() {
        for (const fs::path& place : {host_.stateDir, host_.runDir, host_.database()}) {
            struct stat status {};
            if (::stat(place.c_str(), &status) != 0 || (status.st_mode & 077) == 0) continue;
            problem("{} can be used by others: its mode is {:o}", place.string(), status.st_mode & 07777);
            if (fix_ && ::chmod(place.c_str(), status.st_mode & 0700) == 0) report_.repairs.push_back("it is its owner's alone now: " + place.string());
        }
    }

    void checkBlobs() {
        std::error_code missing;
        for (const auto& entry : fs::directory_iterator(host_.blobs(), missing)) {
            const std::string name = entry.path().filename().string();
            const std::string digest = digestOfFile(entry.path());
            ++report_.blobs;
            report_.bytes += entry.file_size();
            if (digest == name) {
                sound_[name] = entry.file_size();
                continue;
            }
            problem("the blob {} is damaged: its content has the digest {}", name, digest);
            if (fix_ && fs::remove(entry.path(), missing)) report_.repairs.push_back("removed the damaged blob " + brief(name));
        }
    }

    std::vector<Row> rows() {
        std::vector<Row> rows;
        Database::Lock lock(database_);
        Statement row = database_.prepare("SELECT id, manifest_digest, config, chain_ids FROM images ORDER BY id");
        while (row.step()) rows.push_back({row.text(0), row.text(1), row.text(2), json::parse(row.text(3)).get<std::vector<std::string>>()});
        return rows;
    }

    void checkImage(const Row& row) {
        ++report_.images;
        bool whole = checkConfig(row);
        whole = checkManifest(row) && whole;
        for (const std::string& chain : row.chains) whole = checkLayer(row, chain) && whole;
        if (!whole && fix_) forget(row);
    }

    /// The configuration is in the database too.
    bool checkConfig(const Row& row) {
        if (sound_.contains(hexOf(row.id))) return true;
        problem("image {}: its configuration is missing", brief(row.id));
        if (!fix_ || digestOf(row.config) != row.id) return false;
        writeFileAtomically((host_.blobs() / hexOf(row.id)).string(), row.config, 0600, true);
        report_.repairs.push_back("restored the configuration of image " + brief(row.id));
        return true;
    }

    bool checkManifest(const Row& row) {
        if (!sound_.contains(hexOf(row.manifest))) {
            problem("image {}: its manifest {} is missing", brief(row.id), brief(row.manifest));
            return false;
        }
        const json manifest = json::parse(readFile((host_.blobs() / hexOf(row.manifest)).string()), nullptr, false);
        bool whole = manifest.is_object();
        for (const json& layer : whole ? manifest.value("layers", json::array()) : json::array()) {
            const auto found = sound_.find(hexOf(layer.value("digest", "")));
            if (found != sound_.end() && found->second == layer.value("size", std::uint64_t{0})) continue;
            problem("image {}: the blob of its layer {} is missing", brief(row.id), brief(layer.value("digest", "")));
            whole = false;
        }
        return whole;
    }

    bool checkLayer(const Row& row, const std::string& chain) {
        Database::Lock lock(database_);
        Statement known = database_.prepare("SELECT 1 FROM layers WHERE chain_id = ?");
        known.bind(chain);
        const bool there = fs::is_directory(host_.layers() / chain);
        if (layers_.insert(chain).second) ++report_.layers;
        if (known.step() && there) return true;
        problem("image {}: its layer {} is {}", brief(row.id), brief(chain), there ? "not in the database" : "not unpacked");
        return false;
    }

    void forget(const Row& row) {
        Database::Transaction transaction(database_, Database::Durability::PowerCut);
        Statement user = database_.prepare("SELECT id FROM containers WHERE image_id = ? LIMIT 1");
        user.bind(row.id);
        if (user.step()) {
            report_.repairs.push_back(fmt::format("image {} stays as it is: container {} uses it", brief(row.id), brief(user.text(0))));
            return;
        }
        database_.prepare("DELETE FROM image_references WHERE image_id = ?").bind(row.id).run();
        database_.prepare("DELETE FROM images WHERE id = ?").bind(row.id).run();
        transaction.commit();
        report_.repairs.push_back(fmt::format("forgot the incomplete image {}: pull, load or build it again", brief(row.id)));
    }

    const Host& host_;
    Database& database_;
    bool fix_;
    StoreReport report_;
    std::map<std::string, std::uint64_t> sound_;  ///< blobs whose content is right, with their sizes
    std::set<std::string> layers_;
};

}  // namespace

StoreReport Images::check(bool fix) {
    holdStore();  // nothing is swept away while it is looked at
    StoreReport report = Checker(host_, database_, fix).run();
    if (fix) sweep();
    return report;
}

}  // namespace devc::engine
