#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

/// How archives are changed: entry by entry and field by field, with checksums that are right. Bytes changed anywhere would be
/// refused for their checksum nearly always.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t maxSize);

namespace {

constexpr std::size_t blockSize = 512;

struct Field {
    std::size_t at, size;
};
constexpr Field nameField{0, 100}, modeField{100, 8}, uidField{108, 8}, gidField{116, 8}, sizeField{124, 12}, timeField{136, 12}, sumField{148, 8},
    typeField{156, 1}, linkField{157, 100}, magicField{257, 8}, majorField{329, 8}, minorField{337, 8}, prefixField{345, 155};
constexpr Field fields[] = {nameField, modeField, uidField, gidField, sizeField, timeField, typeField, linkField, magicField, majorField, minorField, prefixField};

constexpr std::string_view names[] = {"a", "b", "a/b", "a/b/c", "./a", "/a", "a/", "..", "../a", "a/../b", ".", "", "file", "folder", "folder/file", "folder/new",
    "out", "out/file", "out/new", "up", "up/file", "up/new", "link", "gone", "../outside/file", "../../outside", "../../outside/file", "/mnt/outside",
    "/mnt/outside/file", "/mnt/outside/new", "/proc/self/fd/0", "/proc/self/cwd", "/etc/new", ".wh.a", ".wh.file", "a/.wh.b", ".wh.folder", ".wh..wh..opq",
    "a/.wh..wh..opq", "folder/.wh..wh..opq", "out/.wh..wh..opq", ".wh.", ".wh..", ".wh...", ".wh..wh.x", "up/.wh.file"};
constexpr std::string_view types("\0" "01234567xgLKSVDNMA", 19);
constexpr std::string_view numbers[] = {"0000000", "0000001", "0000777", "0004755", "0006777", "0001000", "7777777", "00000001000", "77777777777", "-0000001",
    "\x80\0\0\0\0\0\0\1", "\xff\xff\xff\xff\xff\xff\xff\xff", "\x80\0\0\0\1\0\0\0\0\0\0\0"};
constexpr std::string_view magics[] = {"ustar\0" "00", "ustar  ", ""};
constexpr std::string_view records[] = {"path=a", "path=a/b", "path=../../outside/file", "path=/mnt/outside/new", "path=.wh.a", "linkpath=a", "linkpath=file",
    "linkpath=../../outside/file", "linkpath=/mnt/outside", "size=0", "size=512", "size=-1", "size=9223372036854775807", "uid=1000", "gid=2147483648",
    "uid=-1", "mtime=1.5", "mtime=-1", "mtime=9223372036854775807.999999999", "SCHILY.xattr.user.a=1", "SCHILY.xattr.trusted.overlay.opaque=y",
    "SCHILY.xattr.trusted.overlay.redirect=/a", "SCHILY.xattr.user.overlay.opaque=y", "SCHILY.xattr.security.selinux=a", "LIBARCHIVE.xattr.user.b=MQ",
    "SCHILY.acl.access=user::rwx,group::r-x,mask::rwx,other::r--,user:1000:rwx", "SCHILY.dev=1", "SCHILY.devmajor=1", "SCHILY.devminor=3", "hdrcharset=BINARY",
    "GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.name=a", "GNU.sparse.realsize=4096", "GNU.sparse.size=4096", "GNU.sparse.numblocks=1",
    "GNU.sparse.map=0,512,1024,512", "GNU.sparse.offset=512", "GNU.sparse.numbytes=512", "SCHILY.realsize=4096", "LIBARCHIVE.symlinktype=dir"};

struct Entry {
    std::string header, data;

    std::string field(Field of) const { return header.substr(of.at, std::min(header.find('\0', of.at) - of.at, of.size)); }
    void set(Field of, std::string_view value) {
        std::string text(value.substr(0, of.size));
        text.resize(of.size, '\0');
        header.replace(of.at, of.size, text);
    }
    void setData(std::string text) {
        set(sizeField, fmt::format("{:011o}", text.size()));
        text.resize((text.size() + blockSize - 1) / blockSize * blockSize, '\0');
        data = std::move(text);
    }
    void sum() {
        set(sumField, "        ");
        unsigned total = 0;
        for (char c : header) total += static_cast<unsigned char>(c);
        set(sumField, fmt::format("{:06o}", total));
        header[sumField.at + 7] = ' ';
    }
};

class Editor {
public:
    Editor(std::string_view tar, unsigned seed) : random_(seed) {
        while (tar.size() >= blockSize) {
            Entry entry{std::string(tar.substr(0, blockSize)), ""};
            tar.remove_prefix(blockSize);
            if (entry.header.find_first_not_of('\0') == std::string::npos) continue;  // the end mark: written again below
            const std::size_t size = std::min(sizeOf(entry), tar.size());
            entry.data = tar.substr(0, size);
            entry.data.resize((size + blockSize - 1) / blockSize * blockSize, '\0');
            tar.remove_prefix(std::min(entry.data.size(), tar.size()));
            entries_.push_back(std::move(entry));
        }
    }

    void change() {
        if (entries_.empty()) return insert();
        switch (random_() % 12) {
            case 0: return insert();
            case 1: return insertRecords();
            case 2: return entries_.insert(place(), any()), void();
            case 3: return entries_.erase(entries_.begin() + index()), void();
            case 4: return std::swap(any(), any());
            case 5: return changeData();
            case 6: return any().set(typeField, types.substr(random_() % types.size(), 1));
            case 7: return any().set(linkField, someName());
            case 8: return any().set(nameField, someName());
            case 9: return changeNumber();
            default: return changeField();
        }
    }

    void take(const Editor& other) {
        for (const Entry& entry : other.entries_)
            if (random_() % 2 == 0) entries_.insert(place(), entry);
    }

    std::string text() {
        std::string tar;
        for (Entry& entry : entries_) {
            if (random_() % 64 != 0) entry.sum();
            tar += entry.header + entry.data;
        }
        return tar + std::string(random_() % 8 == 0 ? 0 : 2 * blockSize, '\0');
    }

    bool often() { return random_() % 16 != 0; }

private:
    static std::size_t sizeOf(const Entry& entry) {
        return std::strtoul(entry.field(sizeField).c_str(), nullptr, 8);
    }
    std::ptrdiff_t index() { return static_cast<std::ptrdiff_t>(random_() % entries_.size()); }
    std::vector<Entry>::iterator place() { return entries_.begin() + static_cast<std::ptrdiff_t>(random_() % (entries_.size() + 1)); }
    Entry& any() { return entries_[static_cast<std::size_t>(index())]; }
    template <typename List>
    std::string oneOf(const List& list) { return std::string(list[random_() % std::size(list)]); }

    /// Names that other entries have lead to links and files that meet.
    std::string someName() {
        if (entries_.empty() || random_() % 2 == 0) return oneOf(names);
        const std::string name = any().field(nameField);
        return random_() % 3 == 0 ? name + "/" + oneOf(names) : name;
    }

    void insert() {
        Entry entry{std::string(blockSize, '\0'), ""};
        entry.set(nameField, someName());
        entry.set(modeField, random_() % 4 == 0 ? oneOf(numbers) : "0000755");
        entry.set(uidField, "0000000");
        entry.set(gidField, "0000000");
        entry.set(timeField, "00000000001");
        entry.set(magicField, oneOf(magics));
        entry.setData(random_() % 4 == 0 ? "content" : "");
        entry.set(typeField, types.substr(random_() % types.size(), 1));
        entry.set(linkField, someName());
        entries_.insert(place(), std::move(entry));
    }

    void insertRecords() {
        Entry entry{std::string(blockSize, '\0'), ""};
        entry.set(nameField, "pax");
        entry.set(modeField, "0000644");
        entry.set(magicField, magics[0]);
        entry.set(typeField, random_() % 8 == 0 ? "g" : "x");
        std::string data;
        for (std::size_t count = random_() % 4 + 1; count > 0; --count) {
            const std::string record = " " + oneOf(records) + "\n";
            std::size_t size = record.size() + 1;
            while (fmt::formatted_size("{}", size) + record.size() != size) ++size;
            data += fmt::format("{}{}", size, record);
        }
        entry.setData(data);
        entries_.insert(place(), std::move(entry));
    }

    void changeData() {
        Entry& entry = any();
        const std::size_t size = std::min(sizeOf(entry), entry.data.size());
        std::vector<std::uint8_t> bytes(size + blockSize);
        std::memcpy(bytes.data(), entry.data.data(), size);
        const std::size_t now = LLVMFuzzerMutate(bytes.data(), size, bytes.size());
        entry.setData(std::string(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(now)));
    }

    void changeNumber() {
        constexpr Field numbered[] = {modeField, uidField, gidField, sizeField, timeField, majorField, minorField};
        any().set(numbered[random_() % std::size(numbered)], oneOf(numbers));
    }

    void changeField() {
        Entry& entry = any();
        const Field field = fields[random_() % std::size(fields)];
        std::vector<std::uint8_t> bytes(field.size);
        std::memcpy(bytes.data(), entry.header.data() + field.at, field.size);
        LLVMFuzzerMutate(bytes.data(), bytes.size(), bytes.size());
        std::memcpy(entry.header.data() + field.at, bytes.data(), field.size);
    }

    std::minstd_rand random_;
    std::vector<Entry> entries_;
};

std::string_view viewOf(const std::uint8_t* data, std::size_t size) { return {reinterpret_cast<const char*>(data), size}; }

std::size_t put(std::string_view tar, std::uint8_t* to, std::size_t maxSize) {
    const std::size_t size = std::min(tar.size(), maxSize);
    std::memcpy(to, tar.data(), size);
    return size;
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t maxSize, unsigned seed) {
    Editor editor(viewOf(data, size), seed);
    if (!editor.often()) return LLVMFuzzerMutate(data, size, maxSize);
    editor.change();
    return put(editor.text(), data, maxSize);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* one, std::size_t oneSize, const std::uint8_t* other, std::size_t otherSize,
                                                 std::uint8_t* to, std::size_t maxSize, unsigned seed) {
    Editor editor(viewOf(one, oneSize), seed);
    editor.take(Editor(viewOf(other, otherSize), seed));
    return put(editor.text(), to, maxSize);
}
