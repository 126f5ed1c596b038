#pragma once
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "engine/build/step_folder.h"
#include "engine/host.h"

namespace devc::engine::build {

/// Bytes of a Dockerfile or an ignore file. What is larger is a mistake, or /dev/zero.
constexpr std::size_t largestDockerfile = 16 << 20;

/// A build context that is not a folder here: a git repository, an archive or a Dockerfile at a URL or on a descriptor.
/// What was fetched stays as long as this does.
class ContextSource {
public:
    /// "https://host/repo.git#ref:dir", "http://host/context.tar.gz", "http://host/Dockerfile". Throws Error.
    static std::unique_ptr<ContextSource> fromAddress(const Host& host, const std::string& address);
    /// A tar, compressed or not, or else the text of a Dockerfile.
    static std::unique_ptr<ContextSource> fromDescriptor(const Host& host, int input);
    /// Is the text no path but an address that fromAddress() takes?
    static bool isAddress(const std::string& text);

    /// Empty if the source was a Dockerfile only.
    const std::filesystem::path& folder() const { return folder_; }
    const std::optional<std::string>& dockerfile() const { return dockerfile_; }

private:
    explicit ContextSource(const Host& host) : place_(host) {}
    void take(const Host& host, int file);

    StepFolder place_;
    std::filesystem::path folder_;
    std::optional<std::string> dockerfile_;
};

}  // namespace devc::engine::build
