#include "engine/transfer/http.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <mutex>
#include <unistd.h>

#include <curl/curl.h>

#include "engine/error.h"
#include "engine/transfer/root_folder.h"

namespace devc::engine::transfer {

namespace {

constexpr std::size_t headerLimit = 1 << 20;
constexpr int mostRedirects = 10;

/// What the callbacks of one transfer share.
struct Exchange {
    const HttpRequest& request;
    HttpAnswer& answer;
    CURL* handle;
    std::size_t headerBytes = 0, bodyBytes = 0;
    std::uint64_t sentBytes = 0;
    std::string_view unsent{};
    bool refused = false;  ///< by a limit or by the sink
    std::exception_ptr problem{};
};

std::size_t takeHeader(char* data, std::size_t, std::size_t size, void* self) {
    auto& exchange = *static_cast<Exchange*>(self);
    exchange.headerBytes += size;
    if (exchange.headerBytes > headerLimit) {
        exchange.problem = std::make_exception_ptr(Error::of("the answer's headers are longer than {} bytes", headerLimit));
        return 0;
    }
    std::string_view line(data, size);
    if (line.starts_with("HTTP/")) exchange.answer.headers.clear();
    std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return size;
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && static_cast<unsigned char>(value.front()) <= ' ') value.remove_prefix(1);
    while (!value.empty() && static_cast<unsigned char>(value.back()) <= ' ') value.remove_suffix(1);
    std::string& kept = exchange.answer.headers[name];
    if (name == "www-authenticate" && !kept.empty()) kept += ", " + std::string(value);
    else kept = value;
    return size;
}

std::size_t takeBody(char* data, std::size_t, std::size_t size, void* self) {
    auto& exchange = *static_cast<Exchange*>(self);
    try {
        long status = 0;
        curl_easy_getinfo(exchange.handle, CURLINFO_RESPONSE_CODE, &status);
        if (exchange.request.sink && (status == 200 || status == 206)) {
            exchange.answer.status = status;
            if (!(exchange.request.onlyPartial && status == 200) && exchange.request.sink({data, size})) return size;
            exchange.refused = true;
            return 0;
        }
        exchange.bodyBytes += size;
        if (exchange.bodyBytes > exchange.request.bodyLimit)
            throw Error::of("the answer is longer than the {} bytes that are accepted", exchange.request.bodyLimit);
        exchange.answer.body.append(data, size);
        return size;
    } catch (...) {
        exchange.problem = std::current_exception();
        return 0;
    }
}

std::size_t giveBody(char* data, std::size_t, std::size_t room, void* self) {
    auto& exchange = *static_cast<Exchange*>(self);
    std::size_t count = 0;
    if (exchange.request.sendFile >= 0) {
        const std::uint64_t left = exchange.request.sendSize - exchange.sentBytes;
        ssize_t got = ::pread(exchange.request.sendFile, data, static_cast<std::size_t>(std::min<std::uint64_t>(room, left)),
                              static_cast<off_t>(exchange.request.sendFrom + exchange.sentBytes));
        if (got < 0) return CURL_READFUNC_ABORT;
        count = static_cast<std::size_t>(got);
    } else {
        count = exchange.unsent.copy(data, room);
        exchange.unsent.remove_prefix(count);
    }
    exchange.sentBytes += count;
    if (exchange.request.sent) exchange.request.sent(exchange.request.sendFrom + exchange.sentBytes);
    return count;
}

/// libcurl begins a body anew when a kept connection turned out to be dead. A file is an upload of which the server may have
/// taken a part: how that goes on is the caller's to find out.
int rewindBody(void* self, curl_off_t offset, int origin) {
    auto& exchange = *static_cast<Exchange*>(self);
    if (exchange.request.sendFile >= 0 || origin != SEEK_SET) return CURL_SEEKFUNC_FAIL;
    exchange.sentBytes = static_cast<std::uint64_t>(offset);
    exchange.unsent = std::string_view(exchange.request.send).substr(exchange.sentBytes);
    return CURL_SEEKFUNC_OK;
}

void startCurl() {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

/// What libcurl does not take from the environment by itself: HTTP_PROXY in capitals, as docker has it.
const char* plainProxy() {
    const char* proxy = std::getenv("http_proxy");
    return proxy && *proxy ? proxy : std::getenv("HTTP_PROXY");
}

bool isTransient(CURLcode code) {
    return code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR || code == CURLE_SEND_FAIL_REWIND || code == CURLE_PARTIAL_FILE || code == CURLE_HTTP2 ||
           code == CURLE_HTTP2_STREAM || code == CURLE_OPERATION_TIMEDOUT;
}

}  // namespace

std::string HttpAnswer::header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
}

HttpClient::HttpClient(const Limits& limits, const RegistrySettings& settings) : limits_(limits), trust_(settings) {
    startCurl();
    handle_ = curl_easy_init();
    if (handle_ == nullptr) throw Error("libcurl cannot start");
}
HttpClient::~HttpClient() { curl_easy_cleanup(handle_); }

void HttpClient::configureConnection(const std::string& url) {
    CURL* handle = handle_;
    const std::string domain = authorityOf(url);
    if (isLoopback(domain)) curl_easy_setopt(handle, CURLOPT_PROXY, "");
    else if (url.starts_with("http:") && plainProxy() != nullptr) curl_easy_setopt(handle, CURLOPT_PROXY, plainProxy());
    if (!url.starts_with("https:")) return;
    const TlsTerms& terms = trust_.of(domain);
    if (!terms.verify) {
        curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (!terms.authorities.empty()) {
        curl_blob blob{const_cast<char*>(terms.authorities.data()), terms.authorities.size(), CURL_BLOB_NOCOPY};
        curl_easy_setopt(handle, CURLOPT_CAINFO_BLOB, &blob);
    }
    if (!terms.certificate.empty()) {
        curl_easy_setopt(handle, CURLOPT_SSLCERT, terms.certificate.c_str());
        curl_easy_setopt(handle, CURLOPT_SSLKEY, terms.key.c_str());
    }
}

HttpAnswer HttpClient::once(const HttpRequest& request, const std::string& url, bool sameHost) {
    HttpAnswer answer;
    answer.url = url;
    CURL* handle = handle_;
    curl_easy_reset(handle);
    Exchange exchange{request, answer, handle};
    exchange.unsent = request.send;
    curl_slist* headers = nullptr;
    for (const std::string& header : request.headers) headers = curl_slist_append(headers, header.c_str());
    if (sameHost && !request.authorization.empty()) headers = curl_slist_append(headers, ("Authorization: " + request.authorization).c_str());
    headers = curl_slist_append(headers, "Expect:");
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_USERAGENT, "devc/" DEVC_VERSION);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, 20L);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1000L);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, static_cast<long>(limits_.stallSeconds));
    curl_easy_setopt(handle, CURLOPT_BUFFERSIZE, 512L << 10);
    curl_easy_setopt(handle, CURLOPT_UPLOAD_BUFFERSIZE, 512L << 10);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &takeHeader);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, &exchange);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &takeBody);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &exchange);
    configureConnection(url);
    char reason[CURL_ERROR_SIZE] = "";
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, reason);
    if (request.method == "HEAD") curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
    else if (request.method == "POST") {
        curl_easy_setopt(handle, CURLOPT_POST, 1L);
        curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.send.size()));
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.send.data());
    } else if (request.method == "PUT" || request.method == "PATCH") {
        curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
        curl_easy_setopt(handle, CURLOPT_READFUNCTION, &giveBody);
        curl_easy_setopt(handle, CURLOPT_READDATA, &exchange);
        curl_easy_setopt(handle, CURLOPT_SEEKFUNCTION, &rewindBody);
        curl_easy_setopt(handle, CURLOPT_SEEKDATA, &exchange);
        auto size = request.sendFile >= 0 ? request.sendSize : request.send.size();
        curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(size));
    }
    CURLcode result = curl_easy_perform(handle);
    curl_slist_free_all(headers);
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &answer.status);
    if (exchange.problem) std::rethrow_exception(exchange.problem);
    if (exchange.refused || result == CURLE_OK) return answer;
    if (result == CURLE_OPERATION_TIMEDOUT && answer.status != 0) {
        throw Error::of("{} sends less than 1,000 bytes a second", originOf(url))
            .hint(fmt::format("DEVC_STALL_SECONDS (now {}) says how long that is borne", limits_.stallSeconds));
    }
    if (request.partial && answer.status != 0) {
        answer.complete = false;
        return answer;
    }
    const std::string cause = fmt::format("{}: {}", originOf(url), printable(*reason ? reason : curl_easy_strerror(result)));
    ConnectionError problem(cause, isTransient(result));
    if (result == CURLE_PEER_FAILED_VERIFICATION || result == CURLE_SSL_CACERT_BADFILE)
        problem.hint(fmt::format("put the certificate of its authority into /etc/docker/certs.d/{}/ca.crt", authorityOf(url)));
    throw problem;
}

HttpAnswer HttpClient::request(const HttpRequest& request) {
    std::string url = request.url;
    std::string origin = originOf(url);
    for (int redirects = 0;; ++redirects) {
        HttpAnswer answer = once(request, url, originOf(url) == origin);
        bool redirect = answer.status == 301 || answer.status == 302 || answer.status == 303 || answer.status == 307 || answer.status == 308;
        if (!redirect || !request.followRedirects) return answer;
        if (redirects == mostRedirects) throw Error::of("{} redirects more than {} times", origin, mostRedirects);
        std::string next = resolveUrl(url, answer.header("location"));
        if (url.starts_with("https:") && !next.starts_with("https:")) throw Error::of("{} redirects from https to {}", origin, originOf(next));
        url = std::move(next);
    }
}

}  // namespace devc::engine::transfer
