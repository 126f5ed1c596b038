#include "engine/linux/device_filter.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/error.h"

namespace devc::engine {

namespace {

constexpr std::int32_t everyAccess = BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE;

std::int32_t accessOf(const DeviceRule& rule) {
    std::int32_t bits = 0;
    if (rule.access.find('m') != std::string::npos) bits |= BPF_DEVCG_ACC_MKNOD;
    if (rule.access.find('r') != std::string::npos) bits |= BPF_DEVCG_ACC_READ;
    if (rule.access.find('w') != std::string::npos) bits |= BPF_DEVCG_ACC_WRITE;
    return bits;
}

bool isSameDevice(const DeviceRule& a, const DeviceRule& b) { return a.type == b.type && a.major == b.major && a.minor == b.minor; }

/// Registers of the program.
constexpr std::uint8_t answer = 0, scratch = 1, type = 2, access = 3, majorNumber = 4, minorNumber = 5;

class Assembler {
public:
    Assembler() {
        load(type, 0);
        add(BPF_ALU | BPF_MOV | BPF_X, access, type);
        add(BPF_ALU | BPF_AND | BPF_K, type, 0, 0xffff);
        add(BPF_ALU | BPF_RSH | BPF_K, access, 0, 16);
        load(majorNumber, 4);
        load(minorNumber, 8);
    }

    /// What follows up to end() counts only if the register has the value; otherwise the next block does.
    void require(std::uint8_t reg, std::int64_t value) { leaveIf(BPF_JNE, reg, static_cast<std::int32_t>(value)); }
    /// Only if nothing beyond these bits is asked for.
    void requireWithin(std::int32_t bits) {
        add(BPF_ALU | BPF_MOV | BPF_X, scratch, access);
        add(BPF_ALU | BPF_AND | BPF_K, scratch, 0, everyAccess & ~bits);
        leaveIf(BPF_JNE, scratch, 0);
    }
    /// Only if one of these bits is asked for.
    void requireSome(std::int32_t bits) {
        add(BPF_ALU | BPF_MOV | BPF_X, scratch, access);
        add(BPF_ALU | BPF_AND | BPF_K, scratch, 0, bits);
        leaveIf(BPF_JEQ, scratch, 0);
    }
    void end(bool allowed) {
        add(BPF_ALU64 | BPF_MOV | BPF_K, answer, 0, allowed ? 1 : 0);
        add(BPF_JMP | BPF_EXIT);
        for (size_t at : open_) program_[at].off = static_cast<std::int16_t>(program_.size() - at - 1);
        open_.clear();
    }

    std::vector<bpf_insn> take() { return std::move(program_); }

private:
    void add(int code, std::uint8_t to = 0, std::uint8_t from = 0, std::int32_t value = 0) {
        bpf_insn instruction{};
        instruction.code = static_cast<std::uint8_t>(code);
        instruction.dst_reg = to & 15U;
        instruction.src_reg = from & 15U;
        instruction.imm = value;
        program_.push_back(instruction);
    }
    /// From the description of the request, whose address is in register 1.
    void load(std::uint8_t to, std::int16_t offset) {
        add(BPF_LDX | BPF_W | BPF_MEM, to, 1);
        program_.back().off = offset;
    }
    void leaveIf(int condition, std::uint8_t reg, std::int32_t value) {
        open_.push_back(program_.size());
        add(BPF_JMP | condition | BPF_K, reg, 0, value);
    }

    std::vector<bpf_insn> program_;
    std::vector<size_t> open_;  ///< jumps out of the block that is being written
};

}  // namespace

DevicePolicy devicePolicy(const std::vector<DeviceRule>& rules) {
    DevicePolicy policy;
    for (const DeviceRule& rule : rules) {
        if (rule.type == 'a') {
            policy = {rule.allow, {}};
            continue;
        }
        auto known = std::find_if(policy.exceptions.begin(), policy.exceptions.end(), [&](const DeviceRule& other) { return isSameDevice(rule, other); });
        if (rule.allow != policy.allowed) {
            if (known == policy.exceptions.end()) policy.exceptions.push_back(rule);
            else known->access += rule.access;
        } else if (known != policy.exceptions.end()) {
            std::erase_if(known->access, [&](char letter) { return rule.access.find(letter) != std::string::npos; });
            if (known->access.empty()) policy.exceptions.erase(known);
        }
    }
    return policy;
}

std::vector<bpf_insn> deviceFilter(const DevicePolicy& policy) {
    Assembler program;
    for (const DeviceRule& rule : policy.exceptions) {
        program.require(type, rule.type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
        // All that is asked for must be allowed, but one thing that is not is enough to refuse.
        if (policy.allowed) program.requireSome(accessOf(rule));
        else program.requireWithin(accessOf(rule));
        if (rule.major >= 0) program.require(majorNumber, rule.major);
        if (rule.minor >= 0) program.require(minorNumber, rule.minor);
        program.end(!policy.allowed);
    }
    program.end(policy.allowed);
    return program.take();
}

void attachDeviceFilter(const std::vector<bpf_insn>& program, int cgroup) {
    bpf_attr load{};
    load.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
    load.insn_cnt = static_cast<std::uint32_t>(program.size());
    load.insns = reinterpret_cast<std::uintptr_t>(program.data());
    load.license = reinterpret_cast<std::uintptr_t>("GPL");
    Fd loaded(static_cast<int>(::syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof load)));
    if (!loaded) throw SystemError("load the rules for devices", errno);
    bpf_attr attach{};
    attach.target_fd = static_cast<std::uint32_t>(cgroup);
    attach.attach_bpf_fd = static_cast<std::uint32_t>(loaded.get());
    attach.attach_type = BPF_CGROUP_DEVICE;
    attach.attach_flags = BPF_F_ALLOW_MULTI;
    if (::syscall(SYS_bpf, BPF_PROG_ATTACH, &attach, sizeof attach) != 0) throw SystemError("put the rules for devices on the control group", errno);
}

}  // namespace devc::engine
