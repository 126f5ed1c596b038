#pragma once
#include <string>
#include <vector>

namespace devc::compose::schema {

/// docs/reference/compose.md: every attribute of the tables with its values, its merge rule and what devc does with it.
std::string reference();

/// Places of the tables without a row in meanings(), and rows there without a place: both empty when all is described.
std::vector<std::string> undescribed();

}  // namespace devc::compose::schema
