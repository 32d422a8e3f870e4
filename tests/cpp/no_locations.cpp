// The face of C++ where locations are off: compiled, and not linked.
#include <legwork/legwork.h>

static_assert(legwork::SourceLocation::current().file() == nullptr);
static_assert(legwork::SourceLocation::ofOptions(__FILE__).line() == 0);

void submitWithoutLocations()
{
    legwork::run([] { return 1; });
    legwork::run([] { return 1; }, {.name = QStringLiteral("Named")});
    const legwork::External<int> external(nullptr);
    legwork::stream<int>([](legwork::Sender<int> &) {});
}
