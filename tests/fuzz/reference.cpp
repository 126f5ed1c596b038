#include <cstdlib>

#include "engine/error.h"
#include "engine/image/images.h"
#include "tests/fuzz/input.h"

using devc::engine::Reference;

/// Names of images. What is understood has to be understood as the same again, in both of its forms.
void fuzz(std::string_view text) {
    Reference reference;
    try {
        reference = Reference::parse(text);
    } catch (const devc::engine::Error&) {
        return;
    }
    const std::string name = reference.normalized();
    if (Reference::parse(name).normalized() != name) std::abort();
    if (Reference::parse(reference.familiar()).normalized() != name) std::abort();
}
