#pragma once
#include "engine/build/operation.h"
#include "engine/error.h"

namespace devc::engine::build {

/// A step failed: knows which, so that the Dockerfile's lines can be shown.
class StepError : public Error {
public:
    StepError(const Error& cause, const Operation& operation) : Error(cause), first(operation.first), last(operation.last), title(operation.title) {}
    int first, last;
    std::string title;
};

}  // namespace devc::engine::build
