// What a task's failure is to C++.
#include "bridge.h"
#include "legwork/coroutine.h"
#include "legwork/run.h"

#include <QtCore/QLoggingCategory>

#include <cstdlib>
#include <cxxabi.h>
#include <memory>
#include <utility>

Q_DECLARE_LOGGING_CATEGORY(legworkLog)

namespace legwork {

Cancelled::~Cancelled() = default;

const char *Cancelled::what() const noexcept { return "the task was cancelled"; }

PermanentError::~PermanentError() = default;

const char *PermanentError::what() const noexcept { return m_text.constData(); }

RetryAfter::~RetryAfter() = default;

const char *RetryAfter::what() const noexcept { return m_text.constData(); }

TaskException::TaskException(TaskError error) : m_error(std::move(error)), m_text(m_error.message.toUtf8()) { }

TaskException::~TaskException() = default;

const char *TaskException::what() const noexcept { return m_text.constData(); }

void TaskException::raise() const { throw *this; }

TaskException *TaskException::clone() const { return new TaskException(*this); }

namespace detail {

QString nameOfType(const std::type_info &type)
{
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> name(abi::__cxa_demangle(type.name(), nullptr, nullptr, &status),
                                                           &std::free);
    return QString::fromUtf8(status == 0 && name ? name.get() : type.name());
}

TaskError otherResult(const Result &result, const std::type_info &expected)
{
    TaskError error;
    error.kind = ErrorKind::Failed;
    error.message =
        QStringLiteral("the task that was kept (KeyPolicy::Keep) has %1; expected a result of type %2. Tasks "
                       "of one key that are kept for each other have results of one type")
            .arg(result ? QStringLiteral("a result of type ") + nameOfType(result->type())
                        : QStringLiteral("no result"),
                 nameOfType(expected));
    return error;
}

void logOtherResult(const Result &result, const std::type_info &expected)
{
    qCWarning(legworkLog).noquote() << "onComplete was not called:" << otherResult(result, expected).message;
}

void throwError(const TaskError &error)
{
    if (error.exception)
        std::rethrow_exception(error.exception);
    throw TaskException(error);
}

void coroutineThrew() noexcept
{
    try {
        throw;
    } catch (const std::exception &error) {
        qCCritical(legworkLog, "a coroutine threw: %s", error.what());
    } catch (...) {
        qCCritical(legworkLog, "a coroutine threw something that is no std::exception");
    }
}

} // namespace detail

} // namespace legwork
