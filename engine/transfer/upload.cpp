#include "engine/transfer/upload.h"

#include <charconv>

#include "engine/digest.h"
#include "engine/error.h"

namespace devc::engine::transfer {

namespace {

constexpr int mostBrokenUploads = 3;

/// The end of "0-1023" (Range of an upload): how many bytes the registry has.
std::uint64_t bytesIn(const std::string& range) {
    const std::size_t dash = range.find('-');
    std::uint64_t last = 0;
    if (dash == std::string::npos) return 0;
    const auto [end, problem] = std::from_chars(range.data() + dash + 1, range.data() + range.size(), last);
    // An empty upload has the range 0-0, as has one of a single byte: sending from the beginning is right for both.
    return problem == std::errc{} && last > 0 ? last + 1 : 0;
}

std::string withDigest(const std::string& location, const std::string& digest) {
    return location + (location.find('?') == std::string::npos ? "?digest=" : "&digest=") + digest;
}

}  // namespace

/// A registry may put uploads on a host of its own, which then needs no authorization of ours.
HttpAnswer Uploader::ask(HttpRequest request) {
    request.followRedirects = false;
    const bool own = originOf(request.url) == originOf(registry_.urlOf(client_, ""));
    return own ? registry_.ask(client_, std::move(request)) : client_.request(request);
}

HttpAnswer Uploader::begin(const std::string& query) {
    HttpRequest request;
    request.method = "POST";
    request.url = registry_.urlOf(client_, "blobs/uploads/" + query);
    return registry_.ask(client_, request);
}

UploadResult Uploader::blob(const Descriptor& blob, int descriptor, const std::vector<std::string>& repositories,
                            const std::function<void(std::uint64_t)>& sent) {
    if (registry_.hasBlob(client_, blob.digest)) return {UploadResult::Way::Existed, {}};
    HttpAnswer answer;
    for (const std::string& repository : repositories) {
        answer = begin("?mount=" + blob.digest + "&from=" + repository);
        if (answer.status == 201) return {UploadResult::Way::Mounted, repository};
        if (answer.status == 202) break;  // it begins an upload instead
    }
    if (answer.status != 202) answer = begin("");
    if (answer.status != 202) registry_.refuse(answer, "an upload to " + registry_.path());
    finish(send(resolveUrl(answer.url, answer.header("location")), blob, descriptor, sent), blob);
    return {UploadResult::Way::Sent, {}};
}

/// All bytes in one PATCH; what breaks off goes on where the registry says that it is.
std::string Uploader::send(const std::string& begun, const Descriptor& blob, int descriptor, const std::function<void(std::uint64_t)>& sent) {
    std::string location = begun;
    std::uint64_t from = 0;
    for (int broken = 0;; ++broken) {
        HttpRequest patch;
        patch.method = "PATCH";
        patch.url = location;
        patch.headers = {"Content-Type: application/octet-stream"};
        if (from > 0) patch.headers.push_back(fmt::format("Content-Range: {}-{}", from, blob.size - 1));
        patch.sendFile = descriptor;
        patch.sendFrom = from;
        patch.sendSize = blob.size - from;
        patch.sent = sent;
        try {
            const HttpAnswer answer = ask(patch);
            if (answer.status != 202 && answer.status != 204 && answer.status != 201) registry_.refuse(answer, "the upload of " + blob.digest);
            return answer.header("location").empty() ? location : resolveUrl(answer.url, answer.header("location"));
        } catch (const ConnectionError& problem) {
            if (!problem.transient || broken == mostBrokenUploads) throw;
        }
        from = received(location);
        if (from >= blob.size) return location;
    }
}

std::uint64_t Uploader::received(std::string& location) {
    HttpRequest request;
    request.url = location;
    const HttpAnswer answer = ask(request);
    if (answer.status != 204 && answer.status != 200) registry_.refuse(answer, "an upload that broke off");
    if (!answer.header("location").empty()) location = resolveUrl(answer.url, answer.header("location"));
    return bytesIn(answer.header("range"));
}

void Uploader::finish(const std::string& location, const Descriptor& blob) {
    HttpRequest put;
    put.method = "PUT";
    put.url = withDigest(location, blob.digest);
    put.headers = {"Content-Type: application/octet-stream"};
    const HttpAnswer answer = ask(put);
    if (answer.status != 201 && answer.status != 204) registry_.refuse(answer, "the upload of " + blob.digest);
}

void Uploader::manifest(const std::string& reference, const std::string& mediaType, const std::string& text) {
    HttpRequest put;
    put.method = "PUT";
    put.url = registry_.urlOf(client_, "manifests/" + reference);
    put.headers = {"Content-Type: " + mediaType};
    put.send = text;
    const HttpAnswer answer = ask(put);
    if (answer.status != 201 && answer.status != 200) registry_.refuse(answer, "the manifest of " + registry_.path() + ":" + reference);
    const std::string stored = answer.header("docker-content-digest");
    if (!stored.empty() && stored != digestOf(text)) throw Error::of("the registry stored the manifest as {}, not as {}", stored, digestOf(text));
}

}  // namespace devc::engine::transfer
