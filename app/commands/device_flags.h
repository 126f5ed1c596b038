#pragma once
#include <string>

#include "engine/spec.h"

namespace devc::app {

// The flags of `container run` that are about devices. All throw Error.

engine::DeviceSpec parseDevice(const std::string& text);     ///< source[:target][:rwm], or a CDI name
engine::DeviceRequest parseGpus(const std::string& text);    ///< all, 2, device=0, 'count=1,"capabilities=gpu,utility",driver=nvidia'

enum class BlockValue { Weight, Bytes, Operations };
engine::BlockDeviceLimit parseBlockLimit(const std::string& text, BlockValue kind);  ///< /dev/sda:1mb

}  // namespace devc::app
