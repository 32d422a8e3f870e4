// The soak itself: calls, rests, and the end.
#ifndef LEGWORK_SOAK_SOAK_H
#define LEGWORK_SOAK_SOAK_H

#include "calls_cpp.h"
#include "calls_plugins.h"
#include "calls_qml.h"
#include "faults.h"
#include "samples.h"

#include <QtCore/QThread>
#include <QtCore/QTimer>

namespace soak {

// Calls of C++ on a thread of their own, beside the others.
class Beside {
public:
    Beside(quint64 seed, Books &books);
    ~Beside();
    void setCalling(bool on);

private:
    QThread m_thread;
    CallsCpp *m_calls; // lives there
    QTimer *m_timer;
};

// Ends the process, with its stack for a debugger, where the thread of the application stands still for minutes.
class Watch {
public:
    Watch();
    ~Watch();
    void goesOn() { ++m_beats; }

private:
    QThread *m_thread;
    std::atomic<quint64> m_beats = 0;
};

class Soak : public QObject {
    Q_OBJECT

public:
    Soak(quint64 seed, double seconds);

    // Calls for so long, in the event loop. How many faults there were.
    int run();
    const QList<Sample> &samples() const { return m_samples; }
    QString summary() const;

private:
    void call();
    // Ends all that is under way, and takes a sample.
    void rest();
    void shutdown();
    void letGo();
    bool untilQuiet(bool cancels);
    void pass(int ms);

    const double m_seconds;
    Dice m_dice;
    Books m_books;
    CallsCpp m_cpp;
    CallsQml m_qml;
    CallsPlugins m_plugins;
    Faults m_faults;
    Beside m_beside;
    Watch m_watch;
    QElapsedTimer m_time;
    QList<Sample> m_samples;
    bool m_isCalling = false;
};

} // namespace soak

#endif
