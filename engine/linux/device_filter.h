#pragma once
#include <vector>

#include <linux/bpf.h>

#include "engine/linux/cgroup.h"

namespace devc::engine {

/// What the rules of the devices controller come to, as cgroup v1 reckons: what holds for most devices, and those for
/// which the contrary holds.
struct DevicePolicy {
    bool allowed = true;
    std::vector<DeviceRule> exceptions;
};

/// Pure. A rule of type 'a' sets what holds for most and drops the exceptions before it.
DevicePolicy devicePolicy(const std::vector<DeviceRule>& rules);

/// The policy as a program for cgroup v2 (BPF_PROG_TYPE_CGROUP_DEVICE), which has no files for it. Pure.
std::vector<bpf_insn> deviceFilter(const DevicePolicy& policy);

/// Binds the program to a group of cgroup v2, for as long as the group lives. Throws SystemError.
void attachDeviceFilter(const std::vector<bpf_insn>& program, int cgroup);

}  // namespace devc::engine
