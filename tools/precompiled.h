// What is in most files that cxx-qt generates: see c++, beside this. Nothing depends on it.
#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <QtCore/QtCore>
