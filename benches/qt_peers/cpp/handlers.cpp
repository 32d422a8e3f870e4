// What a handler in QML costs: the same page with Legwork, and with the floor.
#include "qt_peers/bench.h"
#include "qt_peers/handlers.h"
#include "qt_peers/sink.h"

#include "qt_peers/src/bench.cxx.h"
#include "qt_peers/src/rust_peers.cxxqt.h"

#include <legwork/legwork.h>

#include <QtCore/QEventLoop>
#include <QtQml/QQmlComponent>
#include <QtQml/QQmlContext>
#include <QtQml/QQmlEngine>

namespace bench {

FloorPage::FloorPage(int workers) : m_peer(std::make_unique<Peer>())
{
    m_peer->startFloor(workers);
    m_sender = std::make_unique<::rust::Box<Sender>>(m_peer->sender(0));
    connect(m_peer.get(), &Peer::done, this, [this](const QString &, const QVariant &result) {
        // In the order of one queue and of as many workers: the oldest of its number.
        m_handlers.take(result.toInt()).call({result.toInt()});
    });
}

FloorPage::~FloorPage() = default;

void FloorPage::run(const QVariantList &arguments, const QJSValue &options)
{
    const int n = arguments.value(0).toInt();
    m_handlers.insert(n, options.property(QStringLiteral("onComplete")));
    (*m_sender)->submit(n);
}

double handlers(::rust::Str name, int workers, std::int64_t tasks)
{
    const bool ours = name == "legwork";
    legwork::TaskManager::instance()->setMaxWorkers(workers);
    QQmlEngine engine;
    FloorPage floor(workers);
    engine.rootContext()->setContextProperty(QStringLiteral("floor"), &floor);
    QQmlComponent component(&engine);
    component.setData(QByteArray(ours ? "import Legwork\n" : "") + R"(
        import QtQml
        QtObject {
            property int arrived: 0
            property int expected: 0
            signal over
            function take(n) { if (++arrived === expected) over() }
            function go(count) {
                arrived = 0
                expected = count
                for (let n = 0; n < count; ++n)
                    )"
                          + (ours ? "TaskManager.runInThread(\"bench\", [n], { onComplete: take })"
                                  : "floor.run([n], { onComplete: take })")
                          + R"(
            }
        })",
                      QUrl());
    const std::unique_ptr<QObject> page(component.create());
    if (!page)
        qFatal("%s", qPrintable(component.errorString()));
    const auto go = [&page](int count) {
        QEventLoop loop;
        QObject::connect(page.get(), SIGNAL(over()), &loop, SLOT(quit()));
        const auto start = Clock::now();
        QMetaObject::invokeMethod(page.get(), "go", Q_ARG(QVariant, count));
        loop.exec();
        return nanoseconds(start, Clock::now());
    };
    go(1000);
    return static_cast<double>(go(static_cast<int>(tasks))) / static_cast<double>(tasks);
}

} // namespace bench
