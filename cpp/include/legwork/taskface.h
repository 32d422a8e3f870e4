// What every face has that JavaScript uses, TaskManager and PluginApi: the enumerators, and the
// functions that are called when a task ends.
#ifndef LEGWORK_TASKFACE_H
#define LEGWORK_TASKFACE_H

#include <legwork/global.h>

#include <QtCore/QObject>
#include <QtQml/qqml.h>

#include <memory>

namespace legwork {

class TaskFacePrivate;

// Numbers are unique over all enumerations, so that a mix-up compares unequal. They come of the table that
// ./x vocabulary prints.
class LEGWORK_EXPORT TaskFace : public QObject {
    Q_OBJECT
    QML_ANONYMOUS

public:
    // <vocabulary: QML enumerations>
    // </vocabulary>

    explicit TaskFace(QObject *parent = nullptr);
    ~TaskFace() override;

private:
    friend class TaskFacePrivate;
    const std::unique_ptr<TaskFacePrivate> d;
};

} // namespace legwork

#endif
