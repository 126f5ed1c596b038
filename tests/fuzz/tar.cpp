#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/linux/fd.h"
#include "engine/transfer/layer_tar.h"
#include "engine/transfer/unpack.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/tar/box.h"

using namespace devc::engine;
using namespace devc::engine::transfer;
namespace box = devc::fuzz::box;

namespace {

/// The archive as a connection gives it: in pieces that end anywhere.
class Pieces : public Source {
public:
    explicit Pieces(std::string_view text) : rest_(text) {}
    std::string_view read() override {
        const std::string_view piece = rest_.substr(0, 700);
        rest_.remove_prefix(piece.size());
        return piece;
    }

private:
    std::string_view rest_;
};

/// Small enough that no input fills the memory with zeros.
Limits limits() {
    Limits limits;
    limits.layerBytes = 4 << 20;
    limits.layerEntries = 1'000;
    return limits;
}

template <typename Work>
void attempt(Work&& work) {
    try {
        work();
    } catch (const Error& error) {
        // All but the box is read-only: who meets that has been on the way out.
        if (std::string_view(error.what()).ends_with(std::strerror(EROFS))) box::escaped(error.what());
    }
}

int lowestFreeDescriptor() { return Fd(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)).get(); }

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
    box::enter(*argc, *argv);
    return 0;
}

/// Layers and `cp`'s archives: unpacked as a layer above another one, packed again, and extracted into a folder that lives. Whatever
/// the archive says, nothing outside these folders is made, changed or read; no descriptor is left open.
void fuzz(std::string_view text) {
    const int descriptor = lowestFreeDescriptor();
    box::refill();
    attempt([&] {
        Pieces tar(text);
        completeFromBelow(unpack(tar, box::layer, limits()), box::layer, {box::below});
    });
    attempt([&] { writeLayer(box::layer, [](std::string_view) {}); });
    TreeOptions options;
    options.devices = text.size() / 512 % 2 == 0;
    options.specialModes = text.size() / 1024 % 2 == 0;
    if (text.size() / 2048 % 2 == 0) options.owner.emplace(1000, 1000);
    attempt([&] {
        Pieces tar(text);
        const Fd folder = openFile(box::tree, O_PATH | O_DIRECTORY);
        extractTree(tar, folder.get(), options, limits());
    });
    box::verify(options.devices, options.specialModes);
    if (lowestFreeDescriptor() != descriptor) box::escaped("a descriptor was left open");
}
