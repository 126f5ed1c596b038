#include "engine/transfer/trust.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "engine/error.h"
#include "engine/linux/fd.h"

namespace devc::engine::transfer {

namespace fs = std::filesystem;

const TlsTerms& Trust::of(const std::string& domain) {
    const auto known = known_.find(domain);
    return known != known_.end() ? known->second : known_.emplace(domain, read(domain)).first->second;
}

TlsTerms Trust::read(const std::string& domain) const {
    TlsTerms terms;
    const fs::path folder = settings_.certificatesOf(domain);
    if (folder.empty()) {
        terms.verify = !settings_.isInsecure(domain);
        return terms;
    }
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) {
        if (file.extension() == ".crt") terms.authorities += readFile(file.string()) + "\n";
        if (file.extension() != ".cert") continue;
        const fs::path key = fs::path(file).replace_extension(".key");
        if (!fs::exists(key))
            throw Error::of("{} lacks its key {}", file.string(), key.filename().string()).hint("certificates of authorities have names that end in .crt");
        terms.certificate = file.string();
        terms.key = key.string();
    }
    return terms;
}

}  // namespace devc::engine::transfer
