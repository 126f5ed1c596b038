#include "app/project/scheduler.h"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>

#include "engine/error.h"

namespace devc::app {
namespace {

class Scheduler {
public:
    Scheduler(const std::vector<Task>& tasks, const std::function<void(std::size_t)>& work)
        : tasks_(tasks), work_(work), missing_(tasks.size()), followers_(tasks.size()) {
        for (std::size_t index = 0; index < tasks.size(); ++index) {
            missing_[index] = tasks[index].after.size();
            for (const std::size_t earlier : tasks[index].after) followers_[earlier].push_back(index);
        }
    }

    void run(unsigned workers) {
        {
            const std::lock_guard lock(mutex_);
            for (std::size_t index = 0; index < tasks_.size(); ++index)
                if (missing_[index] == 0) makeReady(index);
        }
        std::vector<std::thread> threads;
        try {
            for (unsigned count = 1; count < workers; ++count) threads.emplace_back([this] { serve(); });
        } catch (const std::system_error&) {
            // No more threads are to be had: those that there are do the work.
        }
        serve();
        for (std::thread& thread : threads) thread.join();
        // Nobody adds waiting threads any more: those that serve have seen that all is done or failed.
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return running_ == 0; });
        std::vector<std::thread> waiting = std::move(waiting_);
        lock.unlock();
        for (std::thread& thread : waiting) thread.join();
        if (failure_) std::rethrow_exception(failure_);
    }

private:
    void makeReady(std::size_t index) {
        if (!tasks_[index].waits) {
            ready_.push_back(index);
            changed_.notify_one();
            return;
        }
        if (failure_) return;
        try {
            waiting_.emplace_back([this, index] { perform(index); });
            ++running_;
        } catch (const std::system_error& error) {
            failure_ = std::make_exception_ptr(engine::Error::of("cannot make a thread to wait in: {}", error.what()));
        }
    }

    void serve() {
        for (;;) {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return failure_ || !ready_.empty() || running_ == 0; });
            if (failure_ || ready_.empty()) return;
            const std::size_t index = ready_.front();
            ready_.pop_front();
            ++running_;
            lock.unlock();
            perform(index);
        }
    }

    void perform(std::size_t index) {
        std::exception_ptr failure;
        try {
            work_(index);
        } catch (...) {
            failure = std::current_exception();
        }
        const std::lock_guard lock(mutex_);
        if (failure && !failure_) failure_ = failure;
        if (!failure)
            for (const std::size_t follower : followers_[index])
                if (--missing_[follower] == 0) makeReady(follower);
        --running_;
        changed_.notify_all();
    }

    const std::vector<Task>& tasks_;
    const std::function<void(std::size_t)>& work_;
    std::vector<std::size_t> missing_;
    std::vector<std::vector<std::size_t>> followers_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::size_t> ready_;
    std::vector<std::thread> waiting_;
    std::size_t running_ = 0;
    std::exception_ptr failure_;
};

}  // namespace

void runTasks(const std::vector<Task>& tasks, unsigned workers, const std::function<void(std::size_t)>& work) {
    if (tasks.empty()) return;
    Scheduler(tasks, work).run(workers == 0 ? 1 : workers);
}

}  // namespace devc::app
