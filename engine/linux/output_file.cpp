#include "engine/linux/output_file.h"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/error.h"

namespace devc::engine {
namespace {

bool mayReplace(const std::string& path) {
    struct stat there {};
    if (::lstat(path.c_str(), &there) != 0) return errno == ENOENT;
    return S_ISREG(there.st_mode);
}

}  // namespace

OutputFile::OutputFile(std::string path, mode_t mode) : path_(std::move(path)), aside_(mayReplace(path_) ? path_ + ".devc-new" : ""), mode_(mode) {
    file_ = Fd(::open(aside_.empty() ? path_.c_str() : aside_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
    if (!file_) throw SystemError("open " + path_, errno);
}

OutputFile::~OutputFile() {
    if (file_ && !aside_.empty()) ::unlink(aside_.c_str());
}

void OutputFile::finish() {
    if (!aside_.empty() && (::fchmod(file_.get(), mode_) != 0 || ::rename(aside_.c_str(), path_.c_str()) != 0)) throw SystemError("write " + path_, errno);
    file_.reset();
}

void writeOutput(const std::string& path, std::string_view text) {
    OutputFile file(path, 0644);
    writeAll(file.get(), text);
    file.finish();
}

}  // namespace devc::engine
