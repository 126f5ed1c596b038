#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "engine/template/tree.h"

namespace devc::engine {

/// Go's fmt.Sprintf with the verbs v s q d x X o b c U t f F e g, flags, width and precision. What does not fit is
/// shown as Go shows it: `%!d(string=x)`, `%!s(MISSING)`.
std::string goFormat(std::string_view format, const std::vector<TemplateValue>& arguments);

}  // namespace devc::engine
