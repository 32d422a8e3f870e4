#include "soak.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QEventLoop>

#include <cstdio>
#include <cstdlib>

using legwork::TaskManager;

namespace soak {

namespace {

// More are under way only for a moment: calls wait until some have ended.
constexpr int mostOpen = 1'500;
constexpr int patience = 30'000; // ms until all is to be quiet

} // namespace

// ---- another thread ------------------------------------------------------------------------------

Beside::Beside(quint64 seed, Books &books)
    : m_calls(new CallsCpp(seed, books, QStringLiteral(" beside"))), m_timer(new QTimer(m_calls))
{
    m_calls->moveToThread(&m_thread);
    QObject::connect(&m_thread, &QThread::finished, m_calls, &QObject::deleteLater);
    QObject::connect(m_timer, &QTimer::timeout, m_calls, [calls = m_calls, &books] {
        if (books.open() < mostOpen)
            calls->step();
    });
    m_thread.setObjectName(QStringLiteral("beside"));
    m_thread.start();
}

Beside::~Beside()
{
    m_thread.quit();
    m_thread.wait();
}

void Beside::setCalling(bool on)
{
    const auto change = [this, on] {
        if (on)
            return m_timer->start(5);
        m_timer->stop();
        m_calls->settle();
        m_calls->forget();
    };
    QMetaObject::invokeMethod(m_calls, change, Qt::BlockingQueuedConnection);
}

// ---- what stands still ---------------------------------------------------------------------------

Watch::Watch()
    : m_thread(QThread::create([this] {
          constexpr int most = 120; // seconds
          quint64 last = 0;
          for (int still = 0; !QThread::currentThread()->isInterruptionRequested();) {
              QThread::msleep(100);
              const auto beats = m_beats.load();
              still = beats == last ? still + 1 : 0;
              last = beats;
              if (still > most * 10) {
                  std::printf("FAULT: the thread of the application has stood still for %d s\n", most);
                  std::fflush(stdout);
                  std::abort();
              }
          }
      }))
{
    m_thread->setObjectName(QStringLiteral("watch"));
    m_thread->start();
}

Watch::~Watch()
{
    m_thread->requestInterruption();
    m_thread->wait();
    delete m_thread;
}

// ---- calls ---------------------------------------------------------------------------------------

Soak::Soak(quint64 seed, double seconds)
    : m_seconds(seconds), m_dice(seed), m_cpp(m_dice.next(), m_books), m_qml(m_dice.next(), m_books),
      m_plugins(m_dice.next(), m_books), m_faults(m_dice.next(), m_books), m_beside(m_dice.next(), m_books)
{
    TaskManager::instance()->collectStats(true);
    registerJobs(m_books);
}

int Soak::run()
{
    m_time.start();
    QTimer timer;
    connect(&timer, &QTimer::timeout, this, &Soak::call);
    timer.start(4);
    // A rest each ten seconds; a short run has three.
    const double between = std::min(10., m_seconds / 3);
    const auto elapsed = [this] { return static_cast<double>(m_time.elapsed()) / 1'000; };
    while (elapsed() < m_seconds) {
        m_isCalling = true;
        m_beside.setCalling(true);
        pass(static_cast<int>(between * 1'000));
        if (elapsed() + between / 2 < m_seconds)
            rest();
    }
    shutdown();
    return m_books.faults();
}

void Soak::call()
{
    m_watch.goesOn();
    if (!m_isCalling)
        return;
    if (m_dice.once(15))
        m_faults.step();
    if (m_books.open() > mostOpen)
        return;
    for (int count = m_dice.below(6); count > 0; --count)
        m_cpp.step();
    for (int count = m_dice.below(4); count > 0; --count)
        m_qml.step();
    if (m_dice.once(100))
        m_plugins.step();
}

void Soak::pass(int ms)
{
    QEventLoop loop;
    QTimer::singleShot(ms, &loop, &QEventLoop::quit);
    loop.exec();
}

// ---- rests ---------------------------------------------------------------------------------------

void Soak::letGo()
{
    m_isCalling = false;
    m_beside.setCalling(false);
    m_faults.settle();
    m_cpp.settle();
    m_qml.settle();
    m_plugins.settle();
}

// Whether it came to that. What is open then is named.
bool Soak::untilQuiet(bool cancels)
{
    auto *manager = TaskManager::instance();
    QElapsedTimer time;
    time.start();
    const auto isQuiet = [&] {
        return m_books.open() == 0 && manager->property("activeCount").toInt() == 0
            && manager->property("queuedCount").toInt() == 0;
    };
    while (!isQuiet()) {
        if (time.elapsed() > patience) {
            const auto open = m_books.openIds();
            m_books.fault(QStringLiteral("it is not quiet: %1 active, %2 queued, %3 open in the books")
                              .arg(manager->property("activeCount").toInt())
                              .arg(manager->property("queuedCount").toInt())
                              .arg(open.size()));
            for (const auto &id : open.mid(0, 10))
                m_books.fault(QStringLiteral("still open: ") + m_books.about(id));
            return false;
        }
        if (cancels) {
            for (const auto &id : m_books.openIds())
                manager->cancelTask(id);
        }
        pass(20);
    }
    return true;
}

void Soak::rest()
{
    letGo();
    // Some rests wait for what ends by itself, first.
    if (m_dice.once(3))
        pass(200);
    m_plugins.close();
    m_cpp.forget();
    m_qml.close();
    if (untilQuiet(true))
        m_books.compare();
    legwork::clearHistory();
    // Idle threads end, and what is deleted later is.
    pass(400);
    auto sample = take();
    const auto before = m_samples.isEmpty() ? Sample() : m_samples.last();
    sample.seconds = static_cast<double>(m_time.elapsed()) / 1'000;
    sample.tasks = static_cast<double>(m_books.told().ends());
    sample.rate = (sample.tasks - before.tasks) / (sample.seconds - before.seconds);
    m_samples += sample;
    std::printf("%6.0f s: %9.0f tasks, %5.0f a second; memory %.1f MiB (heap %.1f), %d threads, %d descriptors; "
                "%llu refused, %d faults\n",
                sample.seconds, sample.tasks, sample.rate, sample.memory, sample.heap, sample.threads,
                sample.descriptors, static_cast<unsigned long long>(m_books.calls().refused), m_books.faults());
    std::fflush(stdout);
}

// In the middle of all that is under way, while calls go on, which are refused. It does not wait: external work that
// must run ends by this event loop.
void Soak::shutdown()
{
    auto *manager = TaskManager::instance();
    QVariantMap report;
    QEventLoop loop;
    const auto hears = connect(manager, &TaskManager::shutdownFinished, &loop, [&](const QVariant &finished) {
        report = finished.toMap();
        loop.quit();
    });
    m_faults.settle();
    manager->beginShutdown(patience);
    pass(100);
    letGo();
    if (report.isEmpty())
        loop.exec();
    disconnect(hears);
    for (const auto &task : report["abandoned"].toList())
        m_books.fault(QStringLiteral("the shutdown has abandoned ") + task.toMap()["name"].toString());
    if (!report["complete"].toBool())
        m_books.fault(QStringLiteral("the shutdown is not complete"));
    if (untilQuiet(false))
        m_books.compare();
    m_plugins.close();
    m_cpp.forget();
    m_qml.close();
    for (const auto &level : levels(m_samples)) {
        if (!level.isLevel())
            m_books.fault(
                QStringLiteral("%1 is not level: %2 in the first quarter, %3 in the last, and %4 more allowed")
                    .arg(level.name)
                    .arg(level.first)
                    .arg(level.last)
                    .arg(level.allowed));
    }
}

QString Soak::summary() const
{
    const auto told = m_books.told();
    const auto all = m_books.calls();
    QString text = QStringLiteral("submitted %1 = completed %2 + failed %3 + cancelled %4; refused %5; found %6\n")
                       .arg(all.accepted)
                       .arg(told.completed)
                       .arg(told.failed)
                       .arg(told.cancelled)
                       .arg(all.refused)
                       .arg(all.found);
    for (const auto face : {Face::Cpp, Face::Qml, Face::Plugins}) {
        const auto calls = m_books.calls(face);
        text += QStringLiteral("  %1: %2 accepted, %3 refused, %4 found\n")
                    .arg(QLatin1String(nameOf(face)))
                    .arg(calls.accepted)
                    .arg(calls.refused)
                    .arg(calls.found);
    }
    text += QStringLiteral("callbacks %1 of %2; %3 started; plugins loaded %4 times, %5 traces, %6 threads refused\n")
                .arg(m_books.heard())
                .arg(m_books.promised())
                .arg(told.started)
                .arg(m_plugins.loads())
                .arg(m_faults.traces())
                .arg(NoThreads::refused());
    for (const auto &level : levels(m_samples))
        text += QStringLiteral("%1: %2 in the first quarter, %3 in the last, %4 more allowed\n")
                    .arg(level.name)
                    .arg(level.first, 0, 'f', 1)
                    .arg(level.last, 0, 'f', 1)
                    .arg(level.allowed, 0, 'f', 1);
    return text;
}

} // namespace soak
