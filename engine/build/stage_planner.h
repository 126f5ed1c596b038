#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/build/arguments.h"
#include "engine/build/dockerfile.h"
#include "engine/build/operation.h"
#include "engine/build/stage_config.h"

namespace devc::engine::build {

/// What all stages of a build know.
struct PlanShared {
    std::map<std::string, std::string> given;    ///< --build-arg
    std::map<std::string, std::string> proxies;
    Variables globals;                           ///< ARGs before the first FROM, and platform arguments
    std::set<std::string> used;                  ///< names of `given` that were asked for
    std::string created, buildContextName, network;
    bool insecure = false;  ///< RUN may ask for it
    char escape = '\\';
    bool noCache = false;
    std::set<std::string> noCacheStages;         ///< lower case
};

/// A stage after its instructions: its file system and configuration.
struct StageResult {
    OperationPtr top;
    StageConfig config;
    std::vector<KeyValue> arguments;    ///< ARGs in force, inherited by stages built on it
    Variables environment;              ///< of RUN and of expansions: ENV and ARG as they came
    std::vector<std::string> triggers;  ///< ONBUILD of the base, to be done first
};

/// What a `from` belongs to: COPY --from may name a stage by its number, a mount only by its name.
enum class Reader { Copy, Mount };

/// Looks up what other stages made.
class Stages {
public:
    virtual ~Stages() = default;
    virtual const StageResult& stage(std::size_t index) = 0;
    /// COPY --from, RUN --mount from: a stage by name or number, a named context, an image.
    /// Throws Error for a stage that begins later.
    virtual Origin origin(const std::string& from, Reader reader, int line) = 0;
};

/// Applies a stage's triggers and instructions to its base. Throws Error at the line.
StageResult planStage(const Stage& stage, StageResult base, const std::string& name, PlanShared& shared, Stages& stages, bool several);

}  // namespace devc::engine::build
