// What QML binds to of a single task.
#ifndef LEGWORK_TASKVIEW_H
#define LEGWORK_TASKVIEW_H

#include "legwork/detail.h"

#include <QtCore/QObject>
#include <QtCore/QString>
#include <QtCore/QVariant>
#include <QtQml/qqml.h>

#include <cstdint>

namespace legwork {

namespace detail {
// Defined by the bridge, src/qt/views.rs.
struct ViewNotice;
} // namespace detail

// A task that somebody submitted: TaskManager.task(id). On the manager's thread.
//
// Its properties follow the task, and are there before any slot hears of what has changed. It has no
// part in the task's life.
class TaskView : public QObject {
    Q_OBJECT
    QML_NAMED_ELEMENT(TaskView)
    QML_UNCREATABLE("TaskManager.task(id) gives one; a task of your own is a Task")

    // Empty while there is none.
    Q_PROPERTY(QString taskId READ taskId NOTIFY taskIdChanged)
    // As TaskManager.Status; UnknownTask while there is none, or where the id is not known any more.
    Q_PROPERTY(int status READ status NOTIFY statusChanged)
    // While it is delayed, queued, running, blocked or paused. False cancels it.
    Q_PROPERTY(bool running READ isRunning WRITE setRunning NOTIFY runningChanged)
    // Whether it does not go on until it is resumed: it, a group that it is in, its key, its owner or all are paused.
    // Of one that runs: once its body has stopped.
    Q_PROPERTY(bool paused READ isPaused NOTIFY pausedChanged)
    // Why, in the words of the pause that is the nearest to it; else empty.
    Q_PROPERTY(QString pauseReason READ pauseReason NOTIFY pausedChanged)
    // From 0 to 1; 0 while it is not known: see `indeterminate`. Once it has completed, one that was known is 1.
    Q_PROPERTY(double progress READ progress NOTIFY progressChanged)
    Q_PROPERTY(bool indeterminate READ isIndeterminate NOTIFY progressChanged)
    // What the task says that it is doing.
    Q_PROPERTY(QString message READ message NOTIFY progressChanged)
    // Undefined before there is one; of a periodic task the last run's, and undefined if that failed.
    Q_PROPERTY(QVariant result READ result NOTIFY resultChanged)
    // Null, or {kind, message, origin, attempt, attempts, reason, and of a script file, line, stack}; of a periodic
    // task the last run's, and null again when a run has succeeded.
    Q_PROPERTY(QVariant error READ error NOTIFY errorChanged)

    // Whether retry() could submit it anew: it failed, was cancelled or timed out, its work can run again, and is
    // still remembered.
    Q_PROPERTY(bool canRetry READ canRetry NOTIFY statusChanged)

public:
    explicit TaskView(QObject *parent = nullptr);
    ~TaskView() override;

    QString taskId() const { return m_taskId; }
    int status() const { return m_status; }
    bool isRunning() const;
    virtual void setRunning(bool running);
    bool isPaused() const;
    QString pauseReason() const { return m_pauseReason; }
    double progress() const { return m_progress < 0 ? 0 : m_progress; }
    bool isIndeterminate() const { return m_progress < 0; }
    QString message() const { return m_message; }
    QVariant result() const { return m_result; }
    QVariant error() const { return m_error; }

    bool canRetry() const;

    // Asks it to stop: whether it will not run, or was asked.
    Q_INVOKABLE bool cancel();
    // Pauses it by itself, for a reason that users see: Paused, PauseRequested, PauseNotPossible, AlreadyFinished, or
    // UnknownTask, as TaskManager.PauseResult. What is started anew after that is another task, and not paused.
    Q_INVOKABLE int pause(const QString &reason = {});
    // Takes that back: whether there was something to take back. It is paused still where its group, its key, its owner
    // or all are.
    Q_INVOKABLE bool resume();
    // Submits its work anew, with the options that it had, and shows the new task: whether there is one. It does the
    // same when the task is retried elsewhere, such as in the TaskMonitor.
    Q_INVOKABLE bool retry();

    // Shows another task, by its id: as it is by now, or, if it was just submitted, as it is to be told.
    void show(const QString &taskId, bool submitted = false);

    // For the Rust half.
    void take(const detail::ViewNotice &notice);
    void tell(const detail::ViewNotice &notice);
    void follow(detail::Id old, detail::Id task);
    // Whether anything is connected to a signal that tells of a failure, or bound to what one changes.
    bool hearsFailure() const;
    // Owners, keys or all were paused or resumed, of which no task is told.
    void lookForPauses();

Q_SIGNALS:
    void started();
    void completed(const QVariant &result);
    // Also after a failed run of a periodic task, which then goes on.
    void failed(const QVariant &error);
    void cancelled(const QString &reason);
    void periodic(quint64 iteration, const QVariant &result);
    // A run failed and is tried again: the attempt that comes, from 2, how the last one failed, and how long it is
    // until then.
    void retrying(quint64 attempt, const QVariant &error, double delayMs);
    // A run takes longer than warnAfterMs: how long by now.
    void slow(double ms);
    // What its body has sent since the last one: a list, in the order sent. See TaskManager.taskValues.
    void values(const QVariant &values);
    // It was paused by itself or with its group, or the body of a pausable task has stopped; and it goes on after that.
    // Of one that waits as its key, its owner or all are paused `paused` alone tells.
    void taskPaused(const QString &reason);
    void taskResumed();
    // However it ended, after the signal of that end; `status` as TaskManager.Status.
    void ended(int status);

    void taskIdChanged();
    void statusChanged();
    void runningChanged();
    void pausedChanged();
    void progressChanged();
    void resultChanged();
    void errorChanged();

protected:
    // What the properties are: all at once, so that a slot that is told of one sees them all.
    struct State {
        QString taskId;
        int status;
        double progress = -1;
        QString message = {};
        QVariant result = {};
        QVariant error = QVariant::fromValue(nullptr);
        QString pauseReason = {};
    };

    // Each change is announced; false if that was the end of this object.
    bool become(State state);
    State state() const;

    // Watches no task any more.
    void leave();
    // Shows what became of a task that was submitted as Blocked, of which nothing was told yet.
    void look();
    bool cancelFor(std::uint8_t reason);
    // Tells that the task has started.
    virtual void tellStarted() { Q_EMIT started(); }
    // Whether it was asked to stop by this object, and was not told to have ended.
    bool isAsked() const { return m_asked; }

private:
    void watch(detail::Id task);
    // How the task is by now, but for what is still to be told: that it began, and that it ended.
    void update(State &state) const;

    QString m_taskId;
    int m_status;
    double m_progress = -1;
    QString m_message;
    QVariant m_result;
    QVariant m_error;
    QString m_pauseReason;
    // It was told that the task has begun, or knows that it had.
    bool m_begun = false;
    detail::Id m_watched; // the task that it is told of; null while there is none
    std::uint64_t m_number = 0; // this view, for the Rust half
    bool m_asked = false;
};

} // namespace legwork

#endif
