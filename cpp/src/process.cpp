#include "legwork/process.h"

#include <QtCore/QAbstractEventDispatcher>
#include <QtCore/QProcess>
#include <QtCore/QThread>
#include <QtCore/QTimer>

#include <algorithm>
#include <limits>
#include <utility>

namespace legwork {

namespace {

// How much of the standard error an error has.
constexpr qsizetype mostOfError = 4096;

// What a QProcess and a timer of Qt 6.4 can wait: 24 days.
constexpr std::chrono::milliseconds longest{std::numeric_limits<int>::max()};

// Lives on the thread that asked for it, until its task has ended.
class Program : public QObject {
public:
    Program(const QString &program, const QStringList &arguments, ProcessOptions &&options)
        : m_killAfter(std::clamp(options.killAfter, std::chrono::milliseconds::zero(), longest)),
          m_input(std::move(options.input))
    {
        m_process.setProgram(program);
        m_process.setArguments(arguments);
        m_process.setWorkingDirectory(options.workingDirectory);
        if (!options.environment.isEmpty())
            m_process.setEnvironment(options.environment);
        connect(&m_process, &QProcess::finished, this, &Program::finished);
        connect(&m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
            if (error == QProcess::FailedToStart)
                fail(QStringLiteral("\"%1\" could not be started: %2")
                         .arg(m_process.program(), m_process.errorString()));
        });
        connect(&m_process, &QProcess::readyReadStandardOutput, this,
                [this] { m_output += m_process.readAllStandardOutput(); });
        connect(&m_process, &QProcess::readyReadStandardError, this, [this] {
            m_error += m_process.readAllStandardError();
            // What is left is the end of it, whatever it writes.
            if (m_error.size() > 2 * mostOfError)
                m_error = m_error.last(mostOfError);
        });
        connect(&m_process, &QProcess::started, this, [this] {
            m_process.write(m_input);
            m_process.closeWriteChannel();
        });
        // Where the thread ends, its event loop does, and nobody would hear of the program.
        connect(
            QThread::currentThread(), &QThread::finished, this,
            [this] { fail(QStringLiteral("the thread that ran \"%1\" has finished").arg(m_process.program())); },
            Qt::DirectConnection);
        auto spec = detail::specOfExternal(std::move(options));
        if (spec.name.isEmpty())
            spec.name = program;
        m_external = std::make_unique<detail::ExternalTask>(
            this, spec, [this] { m_process.start(); }, [this] { stop(); });
    }

    const detail::Handle &task() const { return m_external->task(); }

private:
    void fail(const QString &message) { m_external->fail(message, {}); }

    void stop()
    {
        if (m_process.state() == QProcess::NotRunning)
            return;
        m_process.terminate();
        if (m_external->reason() == CancelReason::Shutdown) {
            // The event loop may stand still until the shutdown is over.
            if (!m_process.waitForFinished(static_cast<int>(m_killAfter.count()))) {
                m_process.kill();
                m_process.waitForFinished();
            }
            return;
        }
        QTimer::singleShot(m_killAfter, &m_process, [this] { m_process.kill(); });
    }

    void finished(int code, QProcess::ExitStatus status)
    {
        if (status == QProcess::NormalExit && code == 0) {
            detail::ReturnValue result;
            result.set(std::exchange(m_output, {}));
            m_external->complete(std::move(result));
            return;
        }
        auto text = status == QProcess::CrashExit
            ? QStringLiteral("\"%1\" crashed").arg(m_process.program())
            : QStringLiteral("\"%1\" ended with exit code %2").arg(m_process.program()).arg(code);
        const auto said = QString::fromLocal8Bit(m_error.last(std::min(m_error.size(), mostOfError))).trimmed();
        if (!said.isEmpty())
            text += QStringLiteral(": %1").arg(said);
        fail(text);
    }

    const std::chrono::milliseconds m_killAfter;
    const QByteArray m_input;
    QByteArray m_output;
    QByteArray m_error;
    std::unique_ptr<detail::ExternalTask> m_external;
    QProcess m_process; // the first to go, which may still tell of its end
};

// With the end of its task, by whichever thread that comes, the program's object goes.
class Farewell final : public detail::EndHook {
public:
    explicit Farewell(Program *program) : m_program(program) { }
    void ended(const detail::Notice &) override { m_program->deleteLater(); }

private:
    Program *m_program;
};

} // namespace

Task<QByteArray> process(const QString &program, const QStringList &arguments, ProcessOptions options)
{
    if (!QAbstractEventDispatcher::instance())
        return Task<QByteArray>(detail::refuse("a process needs a thread with an event loop; call it on such a one"));
    auto *running = new Program(program, arguments, std::move(options));
    const auto task = running->task();
    // The last use of it here: it may go at once.
    detail::onEnd(task, std::make_unique<Farewell>(running));
    return Task<QByteArray>(task);
}

} // namespace legwork
