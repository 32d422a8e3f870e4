#include "qt_peers/bench.h"
#include "qt_peers/sink.h"

// The folder of the module is looked into only where build.rs has found it.
#if __has_include(<QThreadFunction>)
#if __GNUC__ >= 16
// Qt's QBitArray, in all of QtCore, which the headers include.
#pragma GCC diagnostic ignored "-Wsfinae-incomplete"
#endif
#include <QtTaskTree/QParallelTaskTreeRunner>
#include <QtTaskTree/QTaskTree>
#include <QtTaskTree/QThreadFunction>
#endif

#include <QtCore/QThreadPool>
#include <QtCore/QUuid>

#include <cstdlib>

namespace bench {

#if __has_include(<QThreadFunction>)

Submit taskTree(int workers, Sink &sink, std::int64_t body)
{
    using namespace QtTaskTree;
    auto runner = std::make_shared<QParallelTaskTreeRunner>();
    return [body, &sink, runner, pool = pool(workers)](int count) {
        QStringList ids;
        for (int n = 0; n < count; ++n)
            ids += QUuid::createUuid().toString(QUuid::WithoutBraces);
        const ListIterator each(ids);
        const auto setup = [each, body, pool = pool.get()](QThreadFunction<int> &task) {
            task.setThreadPool(pool);
            task.setThreadFunctionData([n = int(each.iteration()), body] {
                spin(body);
                return n;
            });
        };
        // In the UI thread.
        const auto done = [each, &sink](const QThreadFunction<int> &task) { sink.arrive(*each, task.result()); };
        // `parallel` starts them all at once; and each takes the longer, the more are under way.
        runner->start(Group{For(each) >> Do{ParallelLimit(64), QThreadFunctionTask<int>(setup, done)}});
    };
}

#else

Submit taskTree(int, Sink &, std::int64_t)
{
    qFatal("this Qt has no QtTaskTree");
    std::abort();
}

#endif

} // namespace bench
