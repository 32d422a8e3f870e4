// What a task's failure is to C++.
#include "bridge.h"

#include "../log.h"
#include "legwork/coroutine.h"
#include "legwork/run.h"

#include <cstdlib>
#include <cxxabi.h>
#include <memory>
#include <utility>

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

namespace {

QString textOfOther(const std::type_info *found, const std::type_info &expected)
{
    const auto has = !found            ? QStringLiteral("no result (or a then() has it for itself)")
        : *found == typeid(ResultList) ? QStringLiteral("a list of results")
                                       : QStringLiteral("a result of type ") + nameOfType(*found);
    return QStringLiteral("the task that was kept (KeyPolicy::Keep) has %1; expected a result of type %2. Tasks "
                          "of one key that are kept for each other have results of one type")
        .arg(has, nameOfType(expected));
}

} // namespace

TaskError otherResult(const Result &result, const std::type_info &expected)
{
    TaskError error;
    error.kind = ErrorKind::Failed;
    // Where there is none, it is an invalid QVariant.
    const bool none = !result || (result->type() == typeid(QVariant) && !result->variant().isValid());
    error.message = textOfOther(none ? nullptr : &result->type(), expected);
    return error;
}

void throwOtherResult(const std::type_info *found, const std::type_info &expected)
{
    throw PermanentError(textOfOther(found, expected));
}

void throwNotAlone(const std::type_info &type)
{
    throw PermanentError(QStringLiteral("its result, of type %1, cannot be copied, and others have it at this moment: "
                                        "take it as a const T &, or call then() before they are given it")
                             .arg(nameOfType(type)));
}

void logOtherResult(const Result &result, const std::type_info &expected)
{
    qCWarning(taskLog).noquote() << "onComplete was not called:" << otherResult(result, expected).message;
}

void logLeftOut(const Result &value, const std::type_info &expected)
{
    qCWarning(taskLog).noquote() << "onValues leaves a value out: it is"
                                 << (value ? QStringLiteral("of type ") + nameOfType(value->type())
                                           : QStringLiteral("none"))
                                 << "and not of type" << nameOfType(expected);
}

void logNotCopied(const std::type_info &type)
{
    qCCritical(taskLog).noquote() << "onValues leaves a value out: the copy constructor of" << nameOfType(type)
                                  << "threw";
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
        qCCritical(taskLog, "a coroutine threw: %s", error.what());
    } catch (...) {
        qCCritical(taskLog, "a coroutine threw something that is no std::exception");
    }
}

} // namespace detail

} // namespace legwork
