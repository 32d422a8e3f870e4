// `VirtualClock` in QML, of `import Legwork.Testing`.
#ifndef LEGWORK_CLOCKELEMENT_H
#define LEGWORK_CLOCKELEMENT_H

#include <QtCore/QObject>
#include <QtCore/QString>
#include <QtCore/QVariant>
#include <QtQml/QQmlParserStatus>

namespace legwork::testing {

// A virtual clock from when its document is complete until it is destroyed, or `active` is set to false. What cannot be
// done is an exception, with what would be right.
class VirtualClockElement : public QObject, public QQmlParserStatus {
    Q_OBJECT
    Q_INTERFACES(QQmlParserStatus)

    // Whether time stands still. False gives it back. Where it cannot be made, it stays false, and the next call of a
    // function tries it again, and throws.
    Q_PROPERTY(bool active READ isActive WRITE setActive NOTIFY activeChanged)
    // From 0 to 2^53. The same seed gives the same order. To be set before it is active. Default: what
    // LEGWORK_TEST_SEED in the environment says, or 0.
    Q_PROPERTY(double seed READ seed WRITE setSeed NOTIFY seedChanged)
    // How far it has moved since it is active, in milliseconds.
    Q_PROPERTY(double now READ now NOTIFY nowChanged)

public:
    explicit VirtualClockElement(QObject *parent = nullptr);
    ~VirtualClockElement() override;

    bool isActive() const { return m_active; }
    void setActive(bool active);
    double seed() const;
    void setSeed(double seed);
    double now() const;

    Q_INVOKABLE void fastForwardBy(double ms);
    Q_INVOKABLE void advanceClock(double ms);
    Q_INVOKABLE void runUntilIdle();
    // [{id, name, status, dueInMs}], dueInMs -1 for a task that does not wait for the clock.
    Q_INVOKABLE QVariantList pendingTasks();

    void classBegin() override { }
    void componentComplete() override;

Q_SIGNALS:
    void activeChanged();
    void seedChanged();
    void nowChanged();

private:
    // Makes it active if it is not; whether it is, else there is an exception.
    bool ready();
    QString hold();
    // Has the call throw that, if there is something.
    void raise(const QString &error);
    // In nanoseconds; -1 with an exception.
    qint64 time(const char *call, double ms);

    bool m_active = false;
    double m_seed = -1; // none was set
    bool m_wanted = true;
    bool m_complete = false;
};

// Has QML know `Legwork.Testing`. Before it reads a document: as the application begins.
void registerTesting();

} // namespace legwork::testing

#endif
