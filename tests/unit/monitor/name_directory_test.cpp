#include "engine/monitor/name_directory.h"

#include <doctest/doctest.h>
#include <filesystem>

#include "engine/linux/fd.h"

using namespace devc::engine;

namespace {

class Folder {
public:
    Folder() {
        char pattern[] = "/tmp/devc-names-XXXXXX";
        path_ = ::mkdtemp(pattern);
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    void write(const std::string& network, const NameTable& table) {
        writeNameTable(path_, network, table);
    }
    void remove(const std::string& network) { std::filesystem::remove_all(path_ / network); }
    std::string path() const { return path_.string(); }

private:
    std::filesystem::path path_;
};

std::string text(const std::optional<std::vector<IpAddress>>& addresses) {
    if (!addresses) return "unknown";
    std::string result;
    for (const IpAddress& address : *addresses) result += address.text() + " ";
    return result;
}

const NameTable front{"shop_front", {{"aaa", "10.0.0.2", "", "shop-web-1", {"web", "www"}}, {"bbb", "10.0.0.3", "fd00::3", "shop-db-1", {"db"}}}};

}  // namespace

TEST_CASE("names of the container's own networks are known, of others not") {
    Folder folder;
    folder.write("1", front);
    folder.write("2", {"other_net", {{"ccc", "10.9.0.2", "", "other-db-1", {"db", "secret"}}}});
    NameDirectory names(folder.path(), "aaa", {{"Database", "db"}});
    names.refresh();
    CHECK(text(names.addressesOf("web")) == "10.0.0.2 ");
    CHECK(text(names.addressesOf("shop-db-1")) == "10.0.0.3 fd00::3 ");
    CHECK(text(names.addressesOf("db.shop_front")) == "10.0.0.3 fd00::3 ");
    CHECK(text(names.addressesOf("database")) == "10.0.0.3 fd00::3 ");
    CHECK(text(names.addressesOf("secret")) == "unknown");
    CHECK(text(names.addressesOf("other-db-1.other_net")) == "unknown");
    CHECK(text(names.addressesOf("")) == "unknown");
    CHECK(names.nameOf(*IpAddress::parse("10.0.0.3")) == "shop-db-1.shop_front");
    CHECK(names.nameOf(*IpAddress::parse("fd00::3")) == "shop-db-1.shop_front");
    CHECK(names.nameOf(*IpAddress::parse("10.9.0.2")).empty());
}

TEST_CASE("a change of a table counts at once") {
    Folder folder;
    folder.write("1", front);
    NameDirectory names(folder.path(), "aaa", {});
    names.refresh();
    NameTable more = front;
    more.entries.push_back({"ddd", "10.0.0.4", "", "shop-db-2", {"db"}});
    folder.write("1", more);
    names.refresh();
    CHECK(text(names.addressesOf("db")) == "10.0.0.3 fd00::3 10.0.0.4 ");
    folder.write("2", {"later", {{"aaa", "10.5.0.2", "", "shop-web-1", {}}, {"eee", "10.5.0.3", "", "cache", {}}}});
    names.refresh();
    CHECK(text(names.addressesOf("cache")) == "10.5.0.3 ");
    folder.remove("2");
    names.refresh();
    CHECK(text(names.addressesOf("cache")) == "unknown");
}
