// The C++ half of legwork::TaskModel: its enumerators, and when QML has set its properties.
#ifndef LEGWORK_TASKMODELBASE_H
#define LEGWORK_TASKMODELBASE_H

#include <legwork/global.h>

#include <QtCore/QAbstractListModel>
#include <QtQml/QQmlParserStatus>
#include <QtQml/qqml.h>

#include <memory>

namespace legwork {

class TaskModelBasePrivate;

class LEGWORK_EXPORT TaskModelBase : public QAbstractListModel, public QQmlParserStatus {
    Q_OBJECT
    Q_INTERFACES(QQmlParserStatus)
    QML_ANONYMOUS

public:
    // Numbers go on from those of TaskFace, so that a mix-up compares unequal.
    // The Rust side (qt/model.rs) has the same ones; a test compares them.
    enum Filter {
        All = 96,
        Active = 97, // Delayed, Blocked, Queued, Running
        Finished = 98, // every end
        Failed = 99, // Failed, TimedOut, Abandoned
    };
    Q_ENUM(Filter)

    enum Order {
        OldestFirst = 100,
        NewestFirst = 101,
        RunningFirst = 102, // what runs, what waits, what is planned, what has ended
    };
    Q_ENUM(Order)

    explicit TaskModelBase(QObject *parent = nullptr);
    ~TaskModelBase() override;

    void classBegin() override;
    void componentComplete() override;

private:
    friend class TaskModelBasePrivate;
    const std::unique_ptr<TaskModelBasePrivate> d;
};

} // namespace legwork

#endif
