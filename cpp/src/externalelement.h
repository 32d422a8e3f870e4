// `ExternalTask` in QML: work that the document does itself, by what calls back.
#ifndef LEGWORK_EXTERNALELEMENT_H
#define LEGWORK_EXTERNALELEMENT_H

#include "declaredtask.h"

#include <memory>

namespace legwork {

namespace detail {
class ExternalTask;
} // namespace detail

// A task without a body: `started` tells the document to begin the work, `stopRequested` to abort it, and complete()
// and fail() end it. They are about the task that was started last.
class ExternalElement : public legwork::DeclaredTask {
    Q_OBJECT
    QML_NAMED_ELEMENT(ExternalTask)

public:
    explicit ExternalElement(QObject *parent = nullptr);
    ~ExternalElement() override;

    // Ends it with a result, of which a copy is kept: whether it ends so. False where it has ended, or was asked to
    // stop: then it ends here as cancelled, or timed out.
    Q_INVOKABLE bool complete(const QVariant &result = {});
    // Ends it as failed: with a text, or an object with a message, such as an Error. Whether it ends so, as above.
    Q_INVOKABLE bool fail(const QVariant &error);
    // How far it is, from 0 to 1, and what it is doing.
    Q_INVOKABLE void setProgress(double value);
    Q_INVOKABLE void setProgress(double value, const QString &message);
    // How much it has done of how much, and what is counted: "bytes", which are shown as kB, MB and so on, or anything
    // else, as "files". A total of 0 or less, or below what is done, is not known.
    Q_INVOKABLE void setProgress(double done, double total, const QString &unit);
    // What it is doing, where there is nothing to measure by, or beside an amount.
    Q_INVOKABLE void setMessage(const QString &message);

Q_SIGNALS:
    // It is to stop: once, and not if it was never `started`. It ends when complete() or fail() is called.
    void stopRequested();

protected:
    QString wrongWork() const override;
    void addOptions(QVariantMap &options) const override;
    detail::BridgeTask submitWith(const QVariantMap &options, quint64 owner, std::uint16_t site) override;
    void tellStarted() override;

private:
    std::unique_ptr<detail::ExternalTask> m_task;
};

} // namespace legwork

#endif
