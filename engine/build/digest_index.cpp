#include "engine/build/digest_index.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <system_error>

#include "engine/digest.h"
#include "engine/error.h"
#include "engine/linux/fd.h"

namespace devc::engine::build {

namespace {

constexpr std::string_view header = "devc-context-index 1\n";
constexpr std::int64_t settled = 100'000'000;  // ns: older than any clock granularity of a file system

std::int64_t nanoseconds(const timespec& time) { return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec; }

template <typename Number>
bool take(std::string_view& line, Number& number) {
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
    if (error != std::errc() || end == line.data() + line.size() || *end != ' ') return false;
    line.remove_prefix(static_cast<std::size_t>(end - line.data()) + 1);
    return true;
}

}  // namespace

DigestIndex::Entry DigestIndex::entryOf(const struct stat& info) {
    return {info.st_ino, info.st_size, nanoseconds(info.st_mtim), nanoseconds(info.st_ctim), {}};
}

DigestIndex::DigestIndex(const std::filesystem::path& store, const std::filesystem::path& folder)
    : file_(store / sha256Hex(folder.string())) {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    opened_ = nanoseconds(now);
    try {
        loading_ = std::async(std::launch::async, [this] { load(); });
    } catch (const std::system_error&) {
        load();  // no more threads are to be had
    }
}

void DigestIndex::load() {
    std::string text;
    try {
        text = readFile(file_);
    } catch (const Error&) {
        return;
    }
    std::string_view rest = text;
    if (!rest.starts_with(header)) return;
    rest.remove_prefix(header.size());
    entries_.reserve(static_cast<std::size_t>(std::count(rest.begin(), rest.end(), '\0')));
    while (!rest.empty()) {
        const std::size_t end = rest.find('\0');
        if (end == std::string_view::npos) return;
        std::string_view line = rest.substr(0, end);
        rest.remove_prefix(end + 1);
        Entry entry;
        if (!take(line, entry.inode) || !take(line, entry.size) || !take(line, entry.modified) || !take(line, entry.changed)) return;
        if (line.size() < 66) return;
        entry.digest = line.substr(0, 64);
        entries_.emplace(line.substr(65), std::move(entry));
    }
}

std::unique_lock<std::mutex> DigestIndex::loaded() const {
    std::unique_lock guard(mutex_);
    if (loading_.valid()) loading_.get();
    return guard;
}

DigestIndex::~DigestIndex() {
    if (!dirty_) return;
    try {
        std::string text(header);
        for (const auto& [path, entry] : entries_) {
            text += fmt::format("{} {} {} {} {} ", entry.inode, entry.size, entry.modified, entry.changed, entry.digest);
            text += path;
            text += '\0';
        }
        std::filesystem::create_directories(file_.parent_path());
        writeFileAtomically(file_, text);
    } catch (const std::exception&) {
        // The index is a help, not a truth.
    }
}

std::string DigestIndex::find(const std::string& path, const struct stat& info) const {
    const Entry now = entryOf(info);
    const auto guard = loaded();
    const auto found = entries_.find(path);
    if (found == entries_.end()) return {};
    const Entry& entry = found->second;
    const bool same = entry.inode == now.inode && entry.size == now.size && entry.modified == now.modified && entry.changed == now.changed;
    return same ? entry.digest : std::string();
}

void DigestIndex::put(const std::string& path, const struct stat& info, const std::string& digest) {
    Entry entry = entryOf(info);
    if (entry.changed > opened_ - settled) return;
    entry.digest = digest;
    const auto guard = loaded();
    entries_[path] = std::move(entry);
    dirty_ = true;
}

}  // namespace devc::engine::build
