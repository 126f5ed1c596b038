#include "engine/monitor/streams.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "engine/timestamp.h"

namespace devc::engine {

namespace {

constexpr size_t chunkSize = 65536;
constexpr int mostAtTheEnd = 256;  ///< reads: more than a pipe or a terminal can hold

void makeNonBlocking(int descriptor) { ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK); }

}  // namespace

OutputStream::~OutputStream() {
    closeSource();
    closeSinks();
}

void OutputStream::setSource(Fd source) {
    closeSource();
    source_ = std::move(source);
    makeNonBlocking(source_.get());
    listen();
}

void OutputStream::attach(Fd sink) {
    makeNonBlocking(sink.get());
    sinks_.push_back({std::move(sink), {}, false});
}

bool OutputStream::hasPending() const {
    return std::any_of(sinks_.begin(), sinks_.end(), [](const Sink& sink) { return !sink.pending.empty(); });
}

void OutputStream::listen() {
    bool wanted = source_ && !hasPending() && !log_.isFull();
    if (wanted == listening_ || !source_) return;
    if (wanted) loop_.add(source_.get(), EPOLLIN, [this](std::uint32_t) { readOnce(); });
    else loop_.remove(source_.get());
    listening_ = wanted;
}

bool OutputStream::readOnce() {
    char chunk[chunkSize];
    ssize_t got = ::read(source_.get(), chunk, sizeof chunk);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    // EIO: no process has the terminal open any more.
    if (got <= 0) {
        log_.finish(number_, momentNow());
        closeSource();
        return false;
    }
    std::string_view data(chunk, static_cast<size_t>(got));
    log_.write(number_, data, momentNow());
    for (auto sink = sinks_.begin(); sink != sinks_.end();) {
        auto current = sink++;
        deliver(*current, data);
        if (!current->descriptor) sinks_.erase(current);
    }
    listen();
    return true;
}

void OutputStream::deliver(Sink& sink, std::string_view data) {
    while (sink.pending.empty() && !data.empty()) {
        ssize_t put = ::write(sink.descriptor.get(), data.data(), data.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0 && errno != EAGAIN) {
            sink.descriptor.reset();
            return;
        }
        if (put < 0) break;
        data.remove_prefix(static_cast<size_t>(put));
    }
    if (data.empty()) return;
    sink.pending += data;
    if (sink.waiting) return;
    sink.waiting = true;
    int descriptor = sink.descriptor.get();
    loop_.add(descriptor, EPOLLOUT, [this, descriptor](std::uint32_t) { flush(descriptor); });
}

void OutputStream::flush(int descriptor) {
    auto sink = std::find_if(sinks_.begin(), sinks_.end(), [&](const Sink& s) { return s.descriptor.get() == descriptor; });
    if (sink == sinks_.end()) return;
    ssize_t put = ::write(descriptor, sink->pending.data(), sink->pending.size());
    if (put < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (put < 0) {
        drop(sink);
    } else {
        sink->pending.erase(0, static_cast<size_t>(put));
        if (!sink->pending.empty()) return;
        sink->waiting = false;
        loop_.remove(descriptor);
    }
    listen();
    if (!hasPending() && onFlushed) onFlushed();
}

void OutputStream::drop(std::list<Sink>::iterator sink) {
    if (sink->waiting) loop_.remove(sink->descriptor.get());
    sinks_.erase(sink);
}

void OutputStream::drain() {
    // Another container that was given an end of it may write for ever.
    for (int reads = 0; source_ && reads < mostAtTheEnd && readOnce(); ++reads) {}
    if (source_) log_.finish(number_, momentNow());
    closeSource();
}

void OutputStream::closeSource() {
    if (listening_) loop_.remove(source_.get());
    listening_ = false;
    source_.reset();
}

void OutputStream::closeSinks() {
    while (!sinks_.empty()) drop(sinks_.begin());
}

InputStream::~InputStream() {
    closeTarget();
    while (!sources_.empty()) remove(sources_.front().get());
}

void InputStream::setTarget(Fd target) {
    closeTarget();
    target_ = std::move(target);
    makeNonBlocking(target_.get());
    ended_ = false;
}

void InputStream::attach(Fd source) {
    int descriptor = source.get();
    sources_.push_back(std::move(source));
    if (pending_.empty()) {
        loop_.add(descriptor, EPOLLIN, [this, descriptor](std::uint32_t) { read(descriptor); });
    }
}

void InputStream::read(int descriptor) {
    char chunk[chunkSize];
    ssize_t got = ::read(descriptor, chunk, sizeof chunk);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
        remove(descriptor);
        if (closeAtEnd_ && sources_.empty()) {
            ended_ = true;
            if (pending_.empty()) closeTarget();
        }
        return;
    }
    if (!target_) return;  // between two starts: there is nobody to read it
    pending_.append(chunk, static_cast<size_t>(got));
    flush();
}

void InputStream::flush() {
    while (!pending_.empty() && target_) {
        ssize_t put = ::write(target_.get(), pending_.data(), pending_.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0 && errno == EAGAIN) {
            listen(true);
            return;
        }
        if (put < 0) return closeTarget();
        pending_.erase(0, static_cast<size_t>(put));
    }
    listen(false);
    if (ended_) closeTarget();
}

/// While the container does not take what is there, nothing more is read.
void InputStream::listen(bool waiting) {
    if (waiting == waiting_ || !target_) return;
    waiting_ = waiting;
    if (waiting) loop_.add(target_.get(), EPOLLOUT, [this](std::uint32_t) { flush(); });
    else loop_.remove(target_.get());
    for (Fd& source : sources_) {
        int descriptor = source.get();
        if (waiting) loop_.remove(descriptor);
        else loop_.add(descriptor, EPOLLIN, [this, descriptor](std::uint32_t) { read(descriptor); });
    }
}

void InputStream::remove(int descriptor) {
    loop_.remove(descriptor);
    sources_.remove_if([&](const Fd& source) { return source.get() == descriptor; });
}

void InputStream::closeTarget() {
    pending_.clear();
    listen(false);
    target_.reset();
}

}  // namespace devc::engine
