#pragma once
#include <string>
#include <string_view>

#include <sys/types.h>

#include "engine/linux/fd.h"

namespace devc::engine {

/// A file that a user named for what a command gives: complete when finish() returns, else as it was. What is no plain file
/// (a device, a pipe, a link to one or to a file) is written to where it is, never replaced.
class OutputFile {
public:
    /// Throws SystemError, which names `path`.
    OutputFile(std::string path, mode_t mode);
    ~OutputFile();
    OutputFile(const OutputFile&) = delete;
    int get() const { return file_.get(); }
    void finish();

private:
    std::string path_, aside_;  ///< aside_: empty where the file itself is written
    mode_t mode_;
    Fd file_;
};

/// `text` as such a file, mode 0644.
void writeOutput(const std::string& path, std::string_view text);

}  // namespace devc::engine
