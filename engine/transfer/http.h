#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/transfer/limits.h"

namespace devc::engine::transfer {

struct HttpAnswer {
    long status = 0;
    std::map<std::string, std::string> headers;  ///< names in lower case; the last of equal names
    std::string body;                            ///< unless it went to a sink
    bool complete = true;                        ///< false: the connection broke while the body came
    std::string url;                             ///< that answered, after redirects
};

struct HttpRequest {
    std::string method = "GET", url;
    std::vector<std::string> headers;     ///< "Name: value", sent to every host
    std::string authorization;            ///< value of the Authorization header: only sent to the host of `url`
    std::uint64_t bodyLimit = 4 << 20;    ///< a longer answer is an Error
    /// Takes the body of an answer with status 200 or 206 instead of HttpAnswer::body. Returning false ends the transfer.
    std::function<bool(std::string_view)> sink;
    std::string send;                     ///< body of a POST or PUT
    int sendFile = -1;                    ///< or a descriptor with `sendSize` bytes
    std::uint64_t sendSize = 0;
    std::function<void(std::uint64_t)> sent;  ///< progress of it
    bool followRedirects = true;
    bool onlyPartial = false;             ///< a range was asked for: a 200 with everything is not taken
    bool partial = false;                 ///< the caller continues a broken body: an incomplete answer is no Error
};

/// libcurl, kept from what a registry may not do: redirects only to http and https, at most 10, without the
/// Authorization header on another host, never from https to http; headers at most 1 MiB; a stall limit.
/// One object a thread.
class HttpClient {
public:
    explicit HttpClient(const Limits& limits);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    /// Throws Error when no answer came ("connect to 127.0.0.1:5000: Connection refused").
    HttpAnswer request(const HttpRequest& request);

private:
    HttpAnswer once(const HttpRequest& request, const std::string& url, bool sameHost);

    const Limits& limits_;
    void* handle_;
};

/// "http://host:port" of a URL. Throws Error if it has none.
std::string originOf(std::string_view url);
std::string hostOf(std::string_view url);
/// `location` seen from `base`: absolute, or a path on the same origin.
std::string resolveUrl(const std::string& base, const std::string& location);

}  // namespace devc::engine::transfer
