#include "compose/schema/schema.h"

namespace devc::compose::schema {

const Attribute* Shape::attribute(std::string_view name) const {
    for (std::size_t i = 0; i < attributeCount; ++i) {
        if (attributes[i].name == name) return &attributes[i];
    }
    return nullptr;
}

}  // namespace devc::compose::schema
