#pragma once
#include "engine/container/records.h"
#include "engine/image/images.h"
#include "engine/log/message.h"

namespace devc::engine {

/// What logging drivers say of a container: the options tag (a template), labels, labels-regex, env and env-regex put to
/// its own. Throws Error, in docker's words, for a template or a pattern that is none. `host`: the machine's name.
LogSource logSourceOf(const Record& record, const ImageConfig& image, const std::string& host);

/// Refuses what the container's `logging` has wrong, before anything is made.
void checkLogging(const Record& record, const ImageConfig& image);

/// Whether `logs` has something to read.
bool keepsLog(const ContainerSpec& spec);

}  // namespace devc::engine
