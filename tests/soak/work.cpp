#include "work.h"

#include <QtCore/QThread>

#include <memory>
#include <stdexcept>

using namespace std::chrono_literals;

namespace soak {

namespace {

void spin(int microseconds)
{
    QElapsedTimer timer;
    timer.start();
    while (timer.nsecsElapsed() < microseconds * 1'000) { }
}

} // namespace

Work::Work(Dice &dice, Books &books) : m_books(&books), m_kind(dice.below(20)), m_size(1 + dice.below(20)) { }

int Work::operator()(legwork::TaskContext &context) const
{
    switch (m_kind) {
    case 0:
        spin(m_size * 50);
        return m_size;
    case 1:
        context.sleep(std::chrono::milliseconds(m_size));
        return m_size;
    case 2:
        for (int i = 0; i < m_size && context.sleep(2ms); ++i)
            context.checkpoint();
        return m_size;
    case 3:
        throw std::runtime_error("at random");
    case 4:
        throw m_size;
    case 5:
        throw std::runtime_error(std::string(static_cast<std::size_t>(m_size) * 5'000, 'x'));
    case 6:
        throw legwork::PermanentError(QStringLiteral("for good"));
    case 7:
        throw legwork::RetryAfter(std::chrono::milliseconds(m_size), QStringLiteral("later"));
    case 8:
        for (int i = 0; i < m_size; ++i) {
            context.setProgress(i, m_size, QStringLiteral("parts"));
            context.checkpoint();
        }
        return m_size;
    case 9:
    case 10:
        return inner(context);
    case 11:
        for (int i = 0; i < m_size * 10 && context.send(i); ++i) { }
        return m_size;
    case 12: {
        const auto blocking = context.blocking();
        QThread::msleep(static_cast<unsigned long>(m_size) / 4);
        return m_size;
    }
    case 13: {
        // What a worker leaves to its thread goes with the task.
        auto *object = new QObject;
        QObject::connect(object, &QObject::destroyed, object, [] {});
        object->deleteLater();
        return m_size;
    }
    case 14:
        context.setMessage(large(m_size).toHex().left(2'000));
        context.setProgress(m_size); // no number from 0 to 1
        return m_size;
    case 15:
        return static_cast<int>(std::make_unique<QByteArray>(large(m_size * 20))->size());
    default:
        return m_size;
    }
}

// A task that makes tasks, and waits for one.
int Work::inner(legwork::TaskContext &context) const
{
    const int size = m_size;
    const auto first = legwork::run([size] { return size; }, {.name = QStringLiteral("inner")});
    m_books->enter(Face::Cpp, first, true);
    if (m_kind == 9) {
        const auto second = first.then([](int number) { return number + 1; }, {.name = QStringLiteral("inner then")});
        m_books->enter(Face::Cpp, second, true);
        second.wait(std::chrono::milliseconds(size));
        context.checkpoint();
        return second.result().value_or(0);
    }
    first.wait();
    return first.result().value_or(0);
}

QByteArray large(int kilobytes) { return QByteArray(kilobytes * 1'024, 'l'); }

void registerJobs(Books &books)
{
    legwork::registerJob(QStringLiteral("soak.echo"), [](const QVariantList &args) { return QVariant(args); });
    legwork::registerJob(QStringLiteral("soak.work"),
                         [&books](legwork::TaskContext &context, const QVariantList &args) {
                             Dice dice(args.value(0).toULongLong());
                             return Work(dice, books)(context);
                         });
    legwork::registerJob(QStringLiteral("soak.fail"),
                         []() -> int { throw std::runtime_error("a job that fails at random"); });
    legwork::registerJob(QStringLiteral("soak.large"),
                         [](const QVariantList &args) { return large(args.value(0).toInt()); });
    // A plugin of the tests asks for it.
    legwork::registerJob(QStringLiteral("host.number"), [](const QVariantList &args) { return args.value(0).toInt(); });
}

} // namespace soak
