// What an application has that is compiled with all warnings of conversions, each an error: compiled, and not linked.
#include <legwork/legwork.h>

#include <legwork/baseplugin.h>
#include <legwork/coroutine.h>
#include <legwork/external.h>
#include <legwork/group.h>
#include <legwork/history.h>
#include <legwork/pluginhost.h>
#include <legwork/process.h>
#include <legwork/stream.h>
#include <legwork/testing.h>
#include <legwork/then.h>

#include <stdexcept>

using namespace std::chrono_literals;

legwork::Coroutine awaits(QObject *receiver, qsizetype &length)
{
    length = (co_await legwork::run([] { return QStringLiteral("text"); }).on(receiver)).size();
}

int uses(QObject *receiver)
{
    const auto task = legwork::run(
        [](legwork::TaskContext &context) {
            context.setProgress(0.5);
            return QStringLiteral("text");
        },
        {.name = QStringLiteral("Named"), .timeout = 5s, .keyLimit = 2});
    task.onComplete(receiver, [](const QString &) {})
        .onError(receiver, [](const legwork::TaskError &) {})
        .onProgress(receiver, [](double, const QString &) {});
    const auto length = task.then([](const QString &text) { return text.size(); });
    const auto both = legwork::all(std::tuple(task, length));
    legwork::runPeriodic(1s, [] { return 1; }, {.maxRuns = 3});
    legwork::stream<int>([](legwork::Sender<int> &sender) {
        sender.send(1);
    }).onValues(receiver, [](const QList<int> &) {});
    const legwork::External<std::unique_ptr<int>> external(receiver);
    legwork::process(QStringLiteral("true"));
    legwork::testing::TaskSpy spy(both);
    return int(both.status());
}
