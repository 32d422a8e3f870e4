// What a compiler has to refuse with a sentence, one a compilation.
#include <legwork/group.h>
#include <legwork/stream.h>

void wrong()
{
    const auto text = legwork::run([] { return QString(); });
#if LEGWORK_TESTS_WRONG == 1
    text.then([](int *) {});
#elif LEGWORK_TESTS_WRONG == 2
    legwork::run([] {}).then([](int) {});
#elif LEGWORK_TESTS_WRONG == 3
    legwork::all({legwork::run([] { return std::make_unique<int>(1); })});
#elif LEGWORK_TESTS_WRONG == 4
    legwork::stream<int>([](legwork::TaskContext &) {});
#elif LEGWORK_TESTS_WRONG == 5
    legwork::stream<std::unique_ptr<int>>([](legwork::Sender<std::unique_ptr<int>> &) {});
#else
    text.then([](const QString &) {});
#endif
}
