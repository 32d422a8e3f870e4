// Qt's runners of tests. They give how many failed.
#ifndef DUPLICATES_SUITE_SUITE_H
#define DUPLICATES_SUITE_SUITE_H

#include "rust/cxx.h"

#include <cstdint>

namespace suite {

std::int32_t runCpp(rust::Vec<rust::String> arguments);
// Without a display, if the environment does not say otherwise.
std::int32_t runQml(rust::Vec<rust::String> arguments, rust::Str file);

} // namespace suite

#endif
