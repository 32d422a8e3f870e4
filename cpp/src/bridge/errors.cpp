// What a task's failure is to C++.
#include "legwork/run.h"
#include "legwork/coroutine.h"

#include <QtCore/QLoggingCategory>

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
