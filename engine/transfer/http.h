#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/error.h"
#include "engine/transfer/limits.h"
#include "engine/transfer/registry_settings.h"
#include "engine/transfer/trust.h"
#include "engine/transfer/url.h"

namespace devc::engine::transfer {

/// No answer came. `transient`: the next try may do better (the other side went away; not: unknown name, refused, bad certificate).
class ConnectionError : public Error {
public:
    ConnectionError(std::string cause, bool transient) : Error(std::move(cause)), transient(transient) {}
    bool transient;
};

struct HttpAnswer {
    long status = 0;
    std::map<std::string, std::string> headers;  ///< names in lower case; of equal names the last, of WWW-Authenticate all
    std::string header(const std::string& name) const;  ///< empty if there is none
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
    std::string send;                     ///< body of a POST, PUT or PATCH
    int sendFile = -1;                    ///< or (PUT, PATCH) `sendSize` bytes of a descriptor from `sendFrom` on
    std::uint64_t sendFrom = 0, sendSize = 0;
    std::function<void(std::uint64_t)> sent;  ///< progress of it: where in the file it is
    bool followRedirects = true;
    bool onlyPartial = false;             ///< a range was asked for: a 200 with everything is not taken
    bool partial = false;                 ///< the caller continues a broken body: an incomplete answer is no Error
};

/// libcurl, kept from what a registry may not do: redirects only to http and https, at most 10, without the
/// Authorization header on another host, never from https to http; headers at most 1 MiB; a stall limit. Proxies are
/// those of the environment (http_proxy, https_proxy, no_proxy, also in capitals; loopback is never proxied), certificates
/// those of the system and of certs.d. One object a thread.
class HttpClient {
public:
    HttpClient(const Limits& limits, const RegistrySettings& settings);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    /// Throws ConnectionError when no answer came ("http://127.0.0.1:5000: Connection refused").
    HttpAnswer request(const HttpRequest& request);

private:
    HttpAnswer once(const HttpRequest& request, const std::string& url, bool sameHost);

    void configureConnection(const std::string& url);

    const Limits& limits_;
    Trust trust_;
    void* handle_;
};

/// One client for each lane of a Parallel: connections are used again.
class HttpClients {
public:
    HttpClients(unsigned count, const Limits& limits, const RegistrySettings& settings) {
        for (unsigned i = 0; i < count; ++i) clients_.push_back(std::make_unique<HttpClient>(limits, settings));
    }
    HttpClient& of(unsigned lane) { return *clients_.at(lane); }

private:
    std::vector<std::unique_ptr<HttpClient>> clients_;
};

}  // namespace devc::engine::transfer
