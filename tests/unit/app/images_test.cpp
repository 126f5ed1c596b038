#include "app/project/images.h"

#include <doctest/doctest.h>

#include "app/project/converge.h"
#include "engine/error.h"

using namespace devc::app;
using devc::engine::Error;

TEST_CASE("a pull policy says whether an image that is here is fetched again") {
    using std::chrono::hours;
    CHECK(mustPull("always", true, {}));
    CHECK(mustPull("", false, {}));
    CHECK_FALSE(mustPull("", true, {}));
    CHECK_FALSE(mustPull("never", false, {}));
    CHECK_FALSE(mustPull("build", false, {}));
    CHECK(mustPull("daily", true, hours(25)));
    CHECK_FALSE(mustPull("daily", true, hours(23)));
    CHECK(mustPull("every_2h", true, hours(3)));
    CHECK_FALSE(mustPull("weekly", true, hours(25)));
    CHECK_THROWS_AS(mustPull("sometimes", true, {}), Error);
}

TEST_CASE("--scale takes SERVICE=COUNT and nothing else") {
    CHECK(parseScale({"web=3", "db=0"}) == std::map<std::string, int>{{"db", 0}, {"web", 3}});
    for (const char* bad : {"web", "web=", "=3", "web=x", "web=-1", "web=1.5"}) CHECK_THROWS_AS(parseScale({bad}), Error);
}
