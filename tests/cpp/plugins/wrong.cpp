// Plugins that are refused: LEGWORK_TESTS_WRONG says which.
#include <legwork/legwork.h>

#include <cstdlib>
#include <stdexcept>

namespace {

// None of its code is to run before it is refused.
[[maybe_unused]] const bool ran = [] {
    if (qEnvironmentVariableIsSet("LEGWORK_TESTS_LOADING"))
        std::abort();
    return true;
}();

} // namespace

class Wrong : public QObject {
    Q_OBJECT
    Q_PLUGIN_METADATA(IID LEGWORK_TESTS_IID)
};

#include "wrong.moc"
