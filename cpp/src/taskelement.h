// `Task` in QML: work that is declared.
#ifndef LEGWORK_TASKELEMENT_H
#define LEGWORK_TASKELEMENT_H

#include "declaredtask.h"

#include <QtCore/QUrl>

namespace legwork {

// Runs a job, or a function of a script, while its document lives.
class TaskElement : public legwork::DeclaredTask {
    Q_OBJECT
    QML_NAMED_ELEMENT(Task)

    // A job by its name; or the URL of a module with the name of a function that it exports. One that is relative
    // is so to the document that the Task stands in.
    Q_PROPERTY(QString job MEMBER m_job NOTIFY jobChanged)
    Q_PROPERTY(QUrl script MEMBER m_script NOTIFY scriptChanged)
    Q_PROPERTY(QString functionName MEMBER m_functionName NOTIFY functionNameChanged)
    // A list. Default: none.
    Q_PROPERTY(QVariant args MEMBER m_args NOTIFY argsChanged)

    // Again and again, an interval after each run has ended. Default: 0, once.
    Q_PROPERTY(QVariant intervalMs MEMBER m_intervalMs NOTIFY intervalMsChanged)
public:
    explicit TaskElement(QObject *parent = nullptr);
    ~TaskElement() override;

Q_SIGNALS:
    void jobChanged();
    void scriptChanged();
    void functionNameChanged();
    void argsChanged();
    void intervalMsChanged();

protected:
    QString wrongWork() const override;
    void addOptions(QVariantMap &options) const override;
    detail::BridgeTask submitWith(const QVariantMap &options, quint64 owner, std::uint16_t site) override;

private:
    QUrl module() const;

    QString m_job;
    QUrl m_script;
    QString m_functionName;
    QVariant m_args;
    QVariant m_intervalMs = 0;
};

} // namespace legwork

#endif
