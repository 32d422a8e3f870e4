// The C++ half of legwork::TaskManager.
#ifndef LEGWORK_TASKMANAGERBASE_H
#define LEGWORK_TASKMANAGERBASE_H

#include <legwork/taskface.h>

namespace legwork {

class TaskManager;

// The base has its whole name, without which qmltyperegistrar does not find it, and qmllint then no
// enumerators.
class LEGWORK_EXPORT TaskManagerBase : public legwork::TaskFace {
    Q_OBJECT
    QML_ANONYMOUS

public:
    explicit TaskManagerBase(QObject *parent = nullptr);
    ~TaskManagerBase() override;

    // The TaskManager of C++, on the thread of the QCoreApplication; made with the first call.
    // From any thread; connect to its signals by pointer to member. Null without an application.
    static TaskManager *instance();

protected:
    void connectNotify(const QMetaMethod &signal) override;

private:
    friend class TaskManagerBasePrivate;
};

} // namespace legwork

#endif
