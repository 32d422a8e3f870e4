// The words of Legwork: states, priorities, answers, errors, options.
#ifndef LEGWORK_TYPES_H
#define LEGWORK_TYPES_H

#include <legwork/global.h>

#include <QtCore/QException>
#include <QtCore/QObject>
#include <QtCore/QString>

#include <chrono>
#include <exception>
#include <utility>

namespace legwork {

// The numbers are those of TaskManager's enumerators, which QML and the invokable methods use.
// The words, their numbers and the options come of the table that ./x vocabulary prints.

// <vocabulary: C++ enumerations>
// </vocabulary>

// How a task failed, or why it was refused.
struct TaskError {
    ErrorKind kind = ErrorKind::None;
    // For an exception its what(); for another thrown value a text that names its type.
    QString message;
    // For an exception the name of its type; empty where nothing is known.
    QString origin;
    // The run that failed, from 1.
    quint64 attempt = 0;
    // Why the task had been asked to stop, if it had been.
    CancelReason reason = CancelReason::None;
    // Where a script threw it: a URL, a line from 1, and a line of text for each function that was called.
    QString file;
    int line = 0;
    QString stack;
    // What a C++ body threw, to be thrown again; else null.
    std::exception_ptr exception;

    explicit operator bool() const { return kind != ErrorKind::None; }
};

// To be thrown by a body that was asked to stop: the task ends as cancelled.
// TaskContext::checkpoint() throws it. A co_await on a cancelled task throws it, too.
class LEGWORK_EXPORT Cancelled : public std::exception {
public:
    explicit Cancelled(CancelReason reason = CancelReason::None) : m_reason(reason) { }
    ~Cancelled() override;
    const char *what() const noexcept override;
    CancelReason reason() const noexcept { return m_reason; }

private:
    CancelReason m_reason;
};

// The failure of a task that threw nothing of its own (a time-out, a Rust error, a refusal), as
// QFuture and co_await throw it. What a C++ body threw is thrown as itself.
class LEGWORK_EXPORT TaskException : public QException {
public:
    explicit TaskException(TaskError error);
    ~TaskException() override;
    const TaskError &error() const noexcept { return m_error; }
    const char *what() const noexcept override;
    void raise() const override;
    TaskException *clone() const override;

private:
    TaskError m_error;
    QByteArray m_text;
};

// What a task may say besides its work. In C++20:
//
//     legwork::run(work, {.name = "Hash", .priority = legwork::Priority::High});
struct TaskOptions {
    // <vocabulary: TaskOptions>
    // </vocabulary>
    // When it is destroyed, the task is cancelled, and its callbacks are not called. To be alive during the call.
    // Default: none.
    QObject *owner = nullptr;
};

// The same for a periodic task.
struct PeriodicOptions {
    // <vocabulary: PeriodicOptions>
    // </vocabulary>
    // As in TaskOptions.
    QObject *owner = nullptr;
};

} // namespace legwork

#endif
