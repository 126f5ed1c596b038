#pragma once
#include <exception>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <vector>

#include "engine/build/layer_cache.h"
#include "engine/build/operation.h"
#include "engine/build/workshop.h"
#include "engine/error.h"

namespace devc::engine::build {

class StepFolder;

/// Carries out a graph: each operation once, independent ones at the same time, none whose result is known.
class Solver {
public:
    explicit Solver(Workshop& shop) : shop_(shop) {}
    /// The file system that the operation makes. Throws StepError of the operation that failed first; the others are ended.
    Snapshot solve(const OperationPtr& operation);
    /// What all operations so far have made.
    std::vector<Snapshot> results();

private:
    Snapshot resultOf(const OperationPtr& operation);
    /// Whether it is the first failure of the build. The first one ends what runs.
    bool noteFailure(const Error& cause, const Operation& operation);
    /// Makes the operation's changes in the folder.
    void change(const Operation& operation, const Snapshot& below, const std::map<const Operation*, Snapshot>& inputs, const StepFolder& folder);
    Snapshot carryOut(const Operation& operation);
    Snapshot perform(const Operation& operation, const Snapshot& below, const std::map<const Operation*, Snapshot>& inputs);
    NewLayer execute(const Operation& operation, const Snapshot& below, const std::map<const Operation*, Snapshot>& inputs);
    std::string keyOf(const Operation& operation, const Snapshot& below, const std::map<const Operation*, Snapshot>& inputs);

    Workshop& shop_;
    std::mutex mutex_;
    std::map<const Operation*, std::shared_future<Snapshot>> running_;
    std::set<const Operation*> ended_;  ///< without a result; each is reported once
    std::exception_ptr failure_;  ///< of the operation that failed first
    bool swept_ = false;
};

}  // namespace devc::engine::build
