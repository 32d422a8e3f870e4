#include "support.h"

#include <QtCore/QMutex>

namespace support {

namespace {

QMutex mutex;
QStringList warnings;
QtMessageHandler before = nullptr;

void note(QtMsgType type, const QMessageLogContext &context, const QString &text)
{
    if (type == QtWarningMsg || type == QtCriticalMsg) {
        const QMutexLocker lock(&mutex);
        warnings.append(text);
    }
    if (before)
        before(type, context, text);
}

} // namespace

QStringList takeWarnings()
{
    // Within the test run, as QtTest installs one of its own, which is called by this one.
    static const auto installed = before = qInstallMessageHandler(note);
    Q_UNUSED(installed)
    const QMutexLocker lock(&mutex);
    return std::exchange(warnings, {});
}

Elsewhere::Elsewhere() : m_thread(std::make_unique<QThread>()), m_object(new QObject)
{
    m_object->moveToThread(m_thread.get());
    m_thread->start();
}

Elsewhere::~Elsewhere()
{
    destroyObject();
    finish();
}

void Elsewhere::run(const std::function<void()> &f) const
{
    QMetaObject::invokeMethod(m_object, f, Qt::BlockingQueuedConnection);
}

void Elsewhere::destroyObject()
{
    if (!m_object)
        return;
    if (m_thread->isRunning()) {
        // Not by BlockingQueuedConnection to itself: a call's context has to outlive it.
        QObject helper;
        auto *object = std::exchange(m_object, nullptr);
        QEventLoop loop;
        QObject::connect(object, &QObject::destroyed, &loop, &QEventLoop::quit);
        object->deleteLater();
        loop.exec();
    } else {
        delete std::exchange(m_object, nullptr);
    }
}

void Elsewhere::finish()
{
    m_thread->quit();
    m_thread->wait();
}

int main(int argc, char **argv, QObject &test)
{
    int failed = QTest::qExec(&test, argc, argv);
    // As quitting an application does. The workers end, and with them their JavaScript engines, which a
    // leak checker would not find in the memory that those map for themselves.
    legwork::TaskManager::instance()->shutdown(10'000);
    const auto left = takeWarnings();
    for (const auto &text : left)
        std::fprintf(stderr, "FAIL!  a warning that no test expected: %s\n", qUtf8Printable(text));
    return failed + static_cast<int>(left.size());
}

} // namespace support
