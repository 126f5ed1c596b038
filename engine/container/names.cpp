#include "engine/container/names.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <sys/random.h>

#include "engine/error.h"

namespace devc::engine {

namespace {

constexpr std::string_view adjectives[] = {
    "able",   "agile",   "amber",  "bold",   "brave",  "breezy", "bright", "brisk",  "calm",   "candid", "clever", "cosmic",
    "crisp",  "daring",  "deft",   "eager",  "early",  "fair",   "fluent", "fond",   "frank",  "gentle", "glad",   "golden",
    "grand",  "happy",   "hardy",  "honest", "humble", "jolly",  "keen",   "kind",   "lively", "lucid",  "lucky",  "mellow",
    "merry",  "mighty",  "modest", "neat",   "nimble", "noble",  "patient", "placid", "polite", "proud",  "quick",  "quiet",
    "rapid",  "ready",   "robust", "serene", "sharp",  "silent", "smooth", "steady", "sturdy", "sunny",  "swift",  "tidy",
    "vivid",  "warm",    "wise",   "witty",
};

constexpr std::string_view surnames[] = {
    "abel",     "ampere",  "babbage",  "bardeen", "bohr",     "boole",    "bose",      "cantor",   "cauchy",   "cori",    "curie",
    "dijkstra", "dirac",   "einstein", "euclid",  "euler",    "faraday",  "fermi",     "feynman",  "fourier",  "franklin", "galois",
    "gauss",    "germain", "goedel",   "hamilton", "hamming", "heaviside", "hertz",    "hilbert",  "hopper",   "huygens", "jacobi",
    "johnson",  "joule",   "kepler",   "khayyam", "knuth",    "lagrange", "lamarr",    "laplace",  "leibniz",  "liskov",  "lovelace",
    "maxwell",  "meitner", "mendel",   "minsky",  "neumann",  "newton",   "noether",   "pascal",   "pauli",    "planck",  "poincare",
    "raman",    "ramanujan", "riemann", "shannon", "tesla",   "turing",   "volta",     "wiles",    "yukawa",
};

unsigned randomNumber() {
    unsigned value = 0;
    // The kernel's generator does not fail for so few bytes.
    if (::getrandom(&value, sizeof value, 0) != sizeof value) value = 0;
    return value;
}

bool isAlphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

}  // namespace

std::string generateName(int attempt) {
    std::string name(adjectives[randomNumber() % std::size(adjectives)]);
    name += '_';
    name += surnames[randomNumber() % std::size(surnames)];
    if (attempt > 0) name += std::to_string(randomNumber() % (10u * static_cast<unsigned>(attempt)));
    return name;
}

void checkContainerName(const std::string& name) {
    auto valid = [](char c) { return isAlphanumeric(c) || c == '_' || c == '.' || c == '-'; };
    if (name.size() < 2 || name.size() > 255 || !isAlphanumeric(name[0]) || !std::all_of(name.begin(), name.end(), valid)) {
        throw Error::of("Invalid container name ({}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed", name);
    }
}

}  // namespace devc::engine
