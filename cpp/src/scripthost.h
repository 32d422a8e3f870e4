// What a script's context asks.
#ifndef LEGWORK_SCRIPTHOST_H
#define LEGWORK_SCRIPTHOST_H

#include <QtCore/QObject>
#include <QtQml/QJSValue>

namespace legwork {

struct ScriptRun;

// Lives as long as the call, on its thread.
class ScriptHost : public QObject {
    Q_OBJECT
    Q_PROPERTY(bool cancelled READ isCancelled)
    Q_PROPERTY(QString taskId READ taskId)
    Q_PROPERTY(double iteration READ iteration)
    Q_PROPERTY(double attempt READ attempt)

public:
    explicit ScriptHost(const ScriptRun &run) : m_run(run) { }

    bool isCancelled() const;
    QString taskId() const;
    double iteration() const;
    double attempt() const;

    Q_INVOKABLE void progress(const QJSValue &value, const QJSValue &message, const QJSValue &unit);
    Q_INVOKABLE void send(const QJSValue &value);
    Q_INVOKABLE void sleep(const QJSValue &ms);
    Q_INVOKABLE void beginBlocking();
    Q_INVOKABLE void endBlocking();

private:
    const ScriptRun &m_run;
};

} // namespace legwork

#endif
