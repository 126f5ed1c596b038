#include "engine/build/solver.h"

#include "engine/build/copy_step.h"
#include "engine/build/epoch.h"
#include "engine/build/download.h"
#include "engine/build/run_step.h"
#include "engine/build/step_error.h"
#include "engine/build/step_folder.h"
#include "engine/digest.h"
#include "engine/error.h"

namespace devc::engine::build {

namespace {

/// Changed whenever the same operation makes something else than before: what older versions made is no hit then.
constexpr std::string_view rules = "3\n";

/// Operations beside the parent whose files this one reads.
std::vector<OperationPtr> sidesOf(const Operation& operation) {
    std::vector<OperationPtr> sides;
    if (operation.copy.from.operation) sides.push_back(operation.copy.from.operation);
    for (const RunMount& mount : operation.run.mounts)
        if (mount.from && mount.from->operation) sides.push_back(mount.from->operation);
    return sides;
}

Snapshot snapshotOf(const Images& images, const Image& image) {
    Snapshot snapshot;
    for (const NewLayer& layer : images.layersOf(image)) snapshot.add(layer);
    return snapshot;
}

}  // namespace

Snapshot Solver::solve(const OperationPtr& operation) {
    try {
        return resultOf(operation);
    } catch (const Error&) {
        std::lock_guard guard(mutex_);
        if (failure_) std::rethrow_exception(failure_);
        throw;
    }
}

std::vector<Snapshot> Solver::results() {
    std::lock_guard guard(mutex_);
    std::vector<Snapshot> all;
    for (const auto& [operation, result] : running_) all.push_back(result.get());
    return all;
}

bool Solver::noteFailure(const Error& cause, const Operation& operation) {
    {
        std::lock_guard guard(mutex_);
        if (!ended_.insert(&operation).second) return false;
        if (failure_) {
            shop_.report(BuildProgress::Canceled, operation.title);
            return false;
        }
        failure_ = std::make_exception_ptr(StepError(cause, operation));
    }
    shop_.report(BuildProgress::Failed, operation.title, cause.what());
    shop_.cancel();
    return true;
}

Snapshot Solver::resultOf(const OperationPtr& operation) {
    std::promise<Snapshot> promise;
    std::shared_future<Snapshot> future;
    {
        std::lock_guard guard(mutex_);
        const auto known = running_.find(operation.get());
        if (known != running_.end()) future = known->second;
        else running_[operation.get()] = promise.get_future().share();
    }
    if (future.valid()) return future.get();
    try {
        Snapshot snapshot = carryOut(*operation);
        promise.set_value(snapshot);
        return snapshot;
    } catch (...) {
        promise.set_exception(std::current_exception());
        throw;
    }
}

Snapshot Solver::carryOut(const Operation& operation) {
    if (operation.kind == Operation::Kind::Scratch) return {};
    if (operation.kind == Operation::Kind::Image) {
        shop_.report(BuildProgress::Cached, operation.title);
        return snapshotOf(shop_.images(), operation.image);
    }
    std::map<const Operation*, std::future<Snapshot>> pending;
    for (const OperationPtr& side : sidesOf(operation))
        if (!pending.contains(side.get())) pending[side.get()] = std::async(std::launch::async, [this, side] { return resultOf(side); });
    Snapshot below = resultOf(operation.parent);
    std::map<const Operation*, Snapshot> inputs;
    for (auto& [side, result] : pending) inputs[side] = result.get();
    try {
        return perform(operation, below, inputs);
    } catch (Error& error) {
        noteFailure(error, operation);
        throw;
    }
}

std::string Solver::keyOf(const Operation& operation, const Snapshot& below, const std::map<const Operation*, Snapshot>& inputs) {
    Sha256 key;
    key.update(std::string(rules) + operation.definition() + "\n" + below.chain() + "\n");
    const auto from = [&](const OperationPtr& side) { return side ? &inputs.at(side.get()) : nullptr; };
    if (operation.kind == Operation::Kind::Copy) {
        key.update(copiedContent(shop_, operation.copy, from(operation.copy.from.operation)));
        for (const std::string& url : operation.copy.remote) key.update(remoteIdentity(shop_, operation.copy, url));
    }
    for (const RunMount& mount : operation.run.mounts)
        if (mount.from && mount.kind == MountKind::Bind) key.update(mountedContent(shop_, mount, from(mount.from->operation)));
    if (shop_.request().sourceDateEpoch) key.update(fmt::format("epoch {}", *shop_.request().sourceDateEpoch));
    if (operation.kind == Operation::Kind::Run)
        for (const std::string& host : shop_.request().extraHosts) key.update(host + "\n");
    return key.finish();
}

Snapshot Solver::perform(const Operation& operation, const Snapshot& below, const std::map<const Operation*, Snapshot>& inputs) {
    const std::string key = keyOf(operation, below, inputs);
    Snapshot result = below;
    if (!operation.noCache) {
        if (const auto layer = shop_.cache().find(key, below.chain())) {
            shop_.report(BuildProgress::Cached, operation.title);
            result.add(layer->layer, layer->time);
            return result;
        }
    }
    const Fd lock = shop_.cache().lock(key);
    if (!operation.noCache) {
        // Another build may have done it meanwhile.
        if (const auto layer = shop_.cache().find(key, below.chain())) {
            shop_.report(BuildProgress::Cached, operation.title);
            result.add(layer->layer, layer->time);
            return result;
        }
    }
    if (shop_.cancelled()) throw Error("given up");
    shop_.report(BuildProgress::Started, operation.title);
    const MadeLayer made = shop_.cache().put(key, below.chain(), execute(operation, below, inputs), operation.title);
    shop_.report(BuildProgress::Finished, operation.title);
    result.add(made.layer, made.time);
    return result;
}

void Solver::change(const Operation& operation, const Snapshot& below, const std::map<const Operation*, Snapshot>& inputs, const StepFolder& folder) {
    const OperationPtr& side = operation.copy.from.operation;
    if (operation.kind == Operation::Kind::Copy) runCopy(shop_, operation.copy, below, side ? &inputs.at(side.get()) : nullptr, folder);
    else if (operation.kind == Operation::Kind::Folder) runFolder(shop_, operation, below, folder);
    else runProgram(shop_, operation, below, inputs, folder);
}

NewLayer Solver::execute(const Operation& operation, const Snapshot& below, const std::map<const Operation*, Snapshot>& inputs) {
    {
        std::lock_guard guard(mutex_);
        if (!swept_) sweep(shop_.host(), shop_.networks());
        swept_ = true;
    }
    const StepFolder folder(shop_.host());
    try {
        change(operation, below, inputs, folder);
    } catch (const Error& error) {
        if (shop_.request().examine && noteFailure(error, operation)) {
            shop_.awaitQuiet();
            shop_.request().examine({operation.title, error, [&] { return runShell(shop_, operation, below, inputs, folder); }});
        }
        throw;
    }
    if (shop_.request().sourceDateEpoch) clampTimes(folder.upper(), *shop_.request().sourceDateEpoch);
    return shop_.images().addLayer(folder.upper(), below.chain());
}

}  // namespace devc::engine::build
